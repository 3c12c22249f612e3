"""A factory frozen into bytes and thawed again: it goes on as if nothing had been between. Pure.

    checkpoint = mark ─ header (a line of JSON: what it is of, its size and digest) ─ one pickle an object, flat

Nothing that a file says is looked up in Python: it may name the classes of the modules below, and what makes their
parts (a method of such an object, a call prepared of one, a random stream, a date); so a hostile file can at worst make
a strange factory. Objects are numbered, not nested, so that a line of any length fits.
"""

import datetime as dt
import io
import pickle
from collections import deque
from collections.abc import Callable, Iterator
from enum import Enum
from functools import partial
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version
from types import FunctionType, MethodType, ModuleType
from typing import Any, Final

import msgspec
import numpy as np

from contract import events, states
from contract.errors import UsageError
from contract.instants import to_iso
from simulator import (
    agenda,
    command_targets,
    commands,
    condition,
    conveyor,
    crews,
    engine,
    gauges,
    line,
    loads,
    machine,
    orders,
    plant,
    quality,
    sampling,
    setup,
    station,
    station_spec,
    stopping,
    supply,
    telling,
    truth,
    unit,
    upkeep,
)
from simulator.engine import Factory

FORMAT = 1
_MARK: Final = b"mes checkpoint "
_ENGINE = (
    agenda, command_targets, commands, condition, conveyor, crews, engine, gauges, line, loads, machine, orders, plant,
    quality, sampling, setup, station, station_spec, stopping, supply, telling, truth, unit, upkeep,
)  # fmt: skip
_WORDS = (events, states)
_DATES = {kind.__name__: kind for kind in (dt.date, dt.datetime, dt.time, dt.timedelta, dt.timezone)}
_RANDOM = "Philox"


class _Header(msgspec.Struct, frozen=True):
    """``shape`` tells apart programs whose objects have other attributes.

    ``digest`` is of the other fields and of the ``size`` bytes after them.
    """

    format: int
    program: str
    shape: str
    plant: str
    seed: int
    start: str
    now: str
    size: int
    digest: str


def _classes(modules: tuple[ModuleType, ...]) -> Iterator[tuple[str, type]]:
    for module in modules:
        for name, kind in vars(module).items():
            if isinstance(kind, type) and kind.__module__ == module.__name__:
                yield f"{module.__name__}.{name}", kind


def _is_value(kind: type) -> bool:
    """Made whole and never changed: a struct, a named tuple, a word."""
    return issubclass(kind, msgspec.Struct | tuple | Enum)


_VALUES = {name: kind for name, kind in _classes((*_ENGINE, *_WORDS)) if _is_value(kind)}
_OBJECTS = {name: kind for name, kind in _classes(_ENGINE) if not _is_value(kind)}
_NAME_OF: dict[type, str] = {kind: name for name, kind in _OBJECTS.items()}
_VALUE_NAME_OF: dict[type, str] = {kind: name for name, kind in _VALUES.items()}


def freeze(factory: Factory) -> bytes:
    """Everything ``factory`` is, for :func:`thaw`; it may go on meanwhile."""
    stream = io.BytesIO()
    _Freezer(stream).put(factory)
    body = stream.getvalue()
    started, now = to_iso(factory.start_us), to_iso(factory.now_us)
    of = (factory.park.id, factory.seed, started, now, len(body), "")
    header = _sealed(_Header(FORMAT, _program(), _shape(), *of), body)
    return _MARK + msgspec.json.encode(header) + b"\n" + body


def thaw(data: bytes, name: str) -> Factory:
    """The factory of :func:`freeze`. Raises :class:`UsageError` for anything else, naming the file ``name``."""
    first, _, body = data.partition(b"\n")
    if not first.startswith(_MARK):
        raise UsageError(f"{name} is no checkpoint: name a file that `mes simulate --checkpoint` wrote")
    try:
        header = msgspec.json.decode(first.removeprefix(_MARK), type=_Header)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _damaged(name) from error
    anew = f"make the run anew: mes simulate --plant {header.plant} --seed {header.seed} --start {header.start}"
    if (header.format, header.program, header.shape) != (FORMAT, _program(), _shape()):
        raise UsageError(
            f"{name} is a checkpoint of mes {header.program}, format {header.format}; this is mes {_program()}, "
            f"format {FORMAT}, which would not go on as that one: use the program that wrote it, or {anew}"
        )
    if header != _sealed(header, body):
        raise _damaged(name, f", or {anew}")
    try:
        return _Thawer(io.BytesIO(body)).get()
    except Exception as error:  # a body made by hand can fail in any way
        raise UsageError(f"{name} holds what no checkpoint holds ({error}): do not trust it; {anew}") from error


def _damaged(name: str, other: str = "") -> UsageError:
    what = f"{name} is damaged (cut off, or changed on its way)"
    return UsageError(f"{what}: copy it again from where it was made{other}")


def _sealed(header: _Header, body: bytes) -> _Header:
    """``header`` with the size of ``body`` and the digest of both."""
    whole = msgspec.structs.replace(header, size=len(body), digest="")
    return msgspec.structs.replace(whole, digest=_digest(msgspec.json.encode(whole) + body))


def _digest(data: bytes) -> str:
    return blake2b(data, digest_size=16).hexdigest()


def _program() -> str:
    try:
        return version("mes-factory")
    except PackageNotFoundError:
        return "of no version"


def _shape() -> str:
    named = {name: sorted(_slots(kind)) for name, kind in _OBJECTS.items()}
    named |= {name: _parts(kind) for name, kind in _VALUES.items()}
    return _digest(msgspec.json.encode(sorted(named.items())))[:8]


def _slots(kind: type) -> set[str]:
    return {slot for base in kind.__mro__ for slot in vars(base).get("__slots__", ())}


def _parts(kind: type) -> list[str]:
    if issubclass(kind, Enum):
        return [str(member.value) for member in kind]
    return list(getattr(kind, "__struct_fields__" if issubclass(kind, msgspec.Struct) else "_fields", ()))


class _Freezer(pickle.Pickler):
    """Our objects become numbers when they are met; the state of each follows in the order of the numbers."""

    def __init__(self, stream: io.BytesIO) -> None:
        super().__init__(stream, protocol=5)
        self._numbers: dict[int, tuple[int, str]] = {}
        self._met: list[object] = []

    def put(self, factory: Factory) -> None:
        """Write ``factory`` and everything it holds."""
        self.persistent_id(factory)
        for thing in self._met:  # it grows meanwhile
            self.dump(_state(thing))

    def persistent_id(self, thing: object) -> tuple[int, str] | None:
        """The number and class of an object of ours; everything else is written where it is met."""
        name = _NAME_OF.get(type(thing))
        if name is None:
            return None
        known = self._numbers.get(id(thing))
        if known is None:
            known = self._numbers[id(thing)] = len(self._met), name
            self._met.append(thing)
        return known

    def reducer_override(self, thing: Any) -> Any:  # noqa: ANN401 - pickle's own interface
        """How what is no plain data is made again."""
        kind = type(thing)
        if kind in _VALUE_NAME_OF:
            return _value, (_VALUE_NAME_OF[kind], _arguments(thing))
        if kind is MethodType:
            return _method, (thing.__self__, thing.__name__)
        if kind is partial:
            return _prepared, (thing.func, thing.args, thing.keywords)
        if kind is np.random.Generator:
            return _stream, _stream_state(thing)
        if kind is deque or kind in _DATES.values() or thing in _MADE_BY.values() or thing in {deque, *_DATES.values()}:
            return NotImplemented
        raise pickle.PicklingError(f"a checkpoint cannot hold {thing!r}")


def _state(thing: object) -> dict[str, object]:
    held = {slot: getattr(thing, slot) for slot in _slots(type(thing)) if hasattr(thing, slot)}
    return held | getattr(thing, "__dict__", {})


def _arguments(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, msgspec.Struct):
        return msgspec.structs.asdict(value)
    assert isinstance(value, tuple)
    return tuple(value)


def _stream_state(stream: np.random.Generator) -> tuple[object, ...]:
    held: Any = stream.bit_generator.state
    assert held["bit_generator"] == _RANDOM
    arrays = (held["state"]["counter"], held["state"]["key"], held["buffer"])
    return *(each.tolist() for each in arrays), held["buffer_pos"], held["has_uint32"], held["uinteger"]


class _Thawer(pickle.Unpickler):
    """Knows no names but those of :data:`_MADE_BY`, a double-ended queue and dates."""

    def __init__(self, stream: io.BytesIO) -> None:
        super().__init__(stream)
        self._made: list[object] = [object.__new__(Factory)]

    def get(self) -> Factory:
        """The factory that was frozen."""
        for thing in self._made:  # it grows meanwhile
            _fill(thing, self.load())
        factory = self._made[0]
        assert isinstance(factory, Factory)
        return factory

    def persistent_load(self, pid: Any) -> object:  # noqa: ANN401 - pickle's own interface
        """The object of that number, made when it is met first."""
        number, name = pid
        if number == len(self._made):
            self._made.append(object.__new__(_OBJECTS[name]))
        return self._made[number]

    def find_class(self, module: str, name: str) -> Callable[..., object]:
        """See the class. What is given is never a function of ours itself: its attributes cannot be set."""
        if module == __name__ and name in _MADE_BY:
            return partial(_MADE_BY[name])
        if (module, name) == ("collections", "deque"):
            return deque
        if module == "datetime" and name in _DATES:
            return _DATES[name]
        raise pickle.UnpicklingError(f"it asks for {module}.{name}")


def _fill(thing: object, state: object) -> None:
    assert isinstance(state, dict)
    slots = _slots(type(thing))
    for name, held in state.items():
        if name.startswith("__") or not (name in slots or hasattr(thing, "__dict__")):
            raise pickle.UnpicklingError(f"{type(thing).__name__} has no {name}")
        setattr(thing, name, held)


def _value(name: str, arguments: Any) -> object:  # noqa: ANN401 - what :func:`_arguments` gave
    """A value of one of our classes."""
    kind = _VALUES[name]
    if kind is condition.Condition:
        return condition.condition_of(*arguments)  # equal ones are one
    if issubclass(kind, Enum):
        return kind(arguments)
    return kind(**arguments) if issubclass(kind, msgspec.Struct) else kind(*arguments)


def _method(thing: object, name: str) -> MethodType:
    """A method of an object of ours, as its class has it; nothing else that might be behind a name."""
    found = next((vars(kind)[name] for kind in type(thing).__mro__ if name in vars(kind)), None)
    if type(thing) not in _NAME_OF or name.startswith("__") or not isinstance(found, FunctionType):
        raise pickle.UnpicklingError(f"it asks for {name!r} of {type(thing).__name__}")
    return MethodType(found, thing)


def _prepared(call: MethodType, arguments: tuple[object, ...], named: dict[str, object]) -> "partial[object]":
    """A call of such a method, with some of its arguments."""
    if type(call) is not MethodType:
        raise pickle.UnpicklingError(f"it wants to call {call!r}")
    return partial(call, *arguments, **named)


def _stream(  # noqa: PLR0913, PLR0917 - numpy's state has that many parts
    counter: list[int], key: list[int], buffer: list[int], buffer_pos: int, has_uint32: int, uinteger: int
) -> np.random.Generator:
    """A random stream, where it was."""
    philox = np.random.Philox(key=0)
    arrays = [np.array(each, dtype=np.uint64) for each in (counter, key, buffer)]
    philox.state = {
        "bit_generator": _RANDOM,
        "state": {"counter": arrays[0], "key": arrays[1]},
        "buffer": arrays[2],
        "buffer_pos": buffer_pos,
        "has_uint32": has_uint32,
        "uinteger": uinteger,
    }
    return np.random.Generator(philox)


_MADE_BY: dict[str, Callable[..., object]] = {
    made.__name__: made for made in (_value, _method, _prepared, _stream)
}  # fmt: skip
