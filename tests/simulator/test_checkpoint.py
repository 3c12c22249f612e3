"""A factory frozen anywhere goes on as if nothing had been between; a file that is no checkpoint is told as it is."""

import os
import pickle
import random
from functools import partial

import pytest
from small_plants import MONDAY_US, SECOND_US, exponential, factory_of

from contract.errors import UsageError
from contract.events import CommandGiven
from simulator import checkpoint
from simulator.checkpoint import freeze, thaw
from simulator.engine import Factory
from simulator.plant_file import load_plant, plant_names

HOUR_US = 3600 * SECOND_US


def command_some(factory, luck, number):
    """A break of a line, a fault or a hold of a machine: whatever it answers."""
    path = luck.choice(factory.paths)
    line = path.rsplit("/", 1)[0]
    which = luck.randrange(3)
    given = CommandGiven(f"c{number}", ("break", "hold", "break")[which], duration_s=luck.uniform(10, 900))
    if which == 1:
        given = CommandGiven(f"c{number}", "hold")
    factory.command(line if which == 0 else path, given)


def said_until(factory, until_us, luck):
    """Everything said, in slices of any size."""
    said = []
    while factory.now_us < until_us:
        said += factory.run_until(min(until_us, factory.now_us + luck.randrange(1, HOUR_US)))
    return said


@pytest.mark.parametrize("name", plant_names())
def test_frozen_anywhere_it_has_the_same_future(name):
    plant, luck = load_plant(name), random.Random(name)
    factory = Factory(plant, 1, plant.default_start_us)
    for number in range(2):
        factory.run_until(factory.now_us + luck.randrange(HOUR_US))
        command_some(factory, luck, number)  # what it answers is not taken yet: it is part of the future
        data = freeze(factory)
        once, twice = thaw(data, "it"), thaw(data, "it")
        again = thaw(freeze(once), "it")
        until_us = factory.now_us + HOUR_US // 4
        expected = factory.run_until(until_us)
        assert expected
        for other in (once, twice, again):
            assert said_until(other, until_us, luck) == expected, f"{name}, step {number}"
            assert list(other.truth_records()) == list(factory.truth_records())
    other = thaw(freeze(factory), "it")
    assert factory.finish() == other.finish()


def test_freezing_changes_nothing():
    watched, other = (factory_of(exponential("a"), exponential("b", buffer=2)) for _ in range(2))
    for step in range(1, 20):
        until_us = MONDAY_US + step * 7_654_321
        freeze(watched)
        assert watched.run_until(until_us) == other.run_until(until_us)


def test_a_line_of_any_length_fits():
    factory = factory_of(*(exponential(f"m{number}", 1 / 30) for number in range(600)))
    factory.run_until(MONDAY_US + HOUR_US // 4)
    other = thaw(freeze(factory), "it")
    until_us = factory.now_us + 60 * SECOND_US
    assert factory.run_until(until_us) == other.run_until(until_us)


def frozen():
    factory = factory_of(exponential("a"), exponential("b"))
    factory.run_until(MONDAY_US + 60 * SECOND_US)
    return freeze(factory)


def test_damage_anywhere_is_seen():
    data, luck = frozen(), random.Random(1)
    for _ in range(300):
        at = luck.randrange(len(data))
        wrong = data[:at] + bytes([data[at] ^ 1 << luck.randrange(8)]) + data[at + 1 :]
        with pytest.raises(UsageError, match=r"my\.ckpt"):
            thaw(wrong, "my.ckpt")
    for length in (0, 5, 20, 200, len(data) // 2, len(data) - 1):
        with pytest.raises(UsageError, match=r"my\.ckpt is (damaged|no checkpoint)"):
            thaw(data[:length], "my.ckpt")


@pytest.mark.parametrize("data", [b"", b"{}\n", b"SQLite format 3\x00", pickle.dumps({1: 2})])
def test_what_is_something_else_is_told(data):
    with pytest.raises(UsageError, match="no checkpoint: name a file that `mes simulate --checkpoint` wrote"):
        thaw(data, "my.ckpt")


@pytest.mark.parametrize(("field", "other"), [("format", 0), ("program", "0.0.1"), ("shape", "00000000")])
def test_another_program_is_refused_with_the_way_to_make_it_anew(field, other):
    head, _, body = frozen().partition(b"\n")
    header = checkpoint.msgspec.json.decode(head.removeprefix(checkpoint._MARK))
    header[field] = other
    with pytest.raises(UsageError, match="mes simulate --plant test --seed 1 --start 2026-01-04T23:00:00"):
        thaw(checkpoint._MARK + checkpoint.msgspec.json.encode(header) + b"\n" + body, "my.ckpt")


def by_hand(body):
    """A file whose header is right about a body that somebody made."""
    head = checkpoint.msgspec.json.decode(frozen().partition(b"\n")[0].removeprefix(checkpoint._MARK))
    header = checkpoint._sealed(checkpoint._Header(**head), body)
    return checkpoint._MARK + checkpoint.msgspec.json.encode(header) + b"\n" + body


class Calls:
    def __init__(self, function, *arguments):
        self.how = function, arguments

    def __reduce__(self):
        return self.how


def hostile(folder):
    """What an attacker would try; each would leave a file behind if it ever ran."""
    order = f"echo > {folder / 'was-here'}"
    yield "system", pickle.dumps({"seed": Calls(os.system, order)})
    yield "eval", pickle.dumps(Calls(eval, f"open({str(folder / 'was-here')!r}, 'w')"))
    yield "getattr", pickle.dumps(Calls(getattr, factory_of(exponential("a")), "__class__"))
    yield "import", pickle.dumps(Calls(__import__, "os"))
    yield "partial", pickle.dumps(Calls(partial, os.system, order))
    yield "prepared", pickle.dumps(Calls(checkpoint._prepared, "system", (), {}))
    yield "method of a string", pickle.dumps(Calls(checkpoint._method, "text", "format"))
    yield "dotted", b"\x80\x04\x8c\x14simulator.checkpoint\x8c\tnp.random\x93."
    yield "dotted builtins", b"\x80\x04\x8c\x14simulator.checkpoint\x8c\x18_value.__globals__.pickle\x93."
    yield "old opcode", f"cos\nsystem\n(S'{order}'\ntR.".encode()
    yield "instance", f"(S'{order}'\nios\nsystem\n.".encode()
    yield "class of nobody", pickle.dumps(Calls(checkpoint._value, "os.system", (order,)))
    yield "no state", pickle.dumps([1, 2])
    yield "dunder", pickle.dumps({"__class__": int})
    yield "dunder name", pickle.dumps({"__class__": 1})
    yield "not a pickle", b"hello"
    yield "nothing", b""


@pytest.mark.parametrize("number", range(17))
def test_a_hostile_body_does_nothing(tmp_path, number):
    what, body = list(hostile(tmp_path))[number]
    with pytest.raises(UsageError, match="holds what no checkpoint holds"):
        thaw(by_hand(body), "my.ckpt")
    assert not list(tmp_path.iterdir()), what


def test_a_method_is_one_of_an_object_of_ours_and_nothing_of_its_insides():
    factory = factory_of(exponential("a"))
    assert checkpoint._method(factory, "run_until").__func__ is Factory.run_until
    for name in ("__init__", "__reduce_ex__", "now_us", "seed", "nothing"):
        with pytest.raises(pickle.UnpicklingError):
            checkpoint._method(factory, name)
