"""What the pages show, as JSON for the pages and as CSV for a spreadsheet: one way for all of them.

    /api/<page>.json?line=…&span=…      Answer, or {"trouble": …}
    /api/<page>.csv?…&table=…           what is shown of it

However many look, the same question is asked of the store once in :data:`_FRESH_S`, and at most :data:`_AT_ONCE` at a
time; beyond :data:`WAITING` unanswered ones, half of them from one address, the next is told so. The store is opened
for each question: another one put in its place is seen at once.
"""

import asyncio
import csv
import io
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from starlette.concurrency import run_in_threadpool

from answers.plant import stations
from answers.store import Store, short
from contract import topics
from contract.errors import MesError
from contract.events import Words
from dashboards.board.asking import resolve
from dashboards.board.assets import Asset, asset
from dashboards.board.condition import Condition, condition
from dashboards.board.pages import Ask, Page, Query, Refused, Sheet, plain, query_of, some
from dashboards.board.reader import committed_at
from dashboards.board.troubles import BUSY, Trouble, trouble_of

_FRESH_S = 2.0
#: Questions whose answers are kept; beyond them the oldest goes.
KEPT = 128
_AT_ONCE = 2
#: Questions unanswered at a time; each takes about a tenth of a second.
WAITING = 48
#: What a spreadsheet takes for the beginning of a formula, or skips before one.
_FORMULA = (*"=+-@\t\r\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_T = TypeVar("_T")


class Named(msgspec.Struct, frozen=True):
    """A line or a machine by the end of its path, to choose from."""

    id: str
    path: str
    name: Words
    plant: Words | None = None


class Answer(msgspec.Struct, frozen=True):
    """What a page gets: where and when it is about, what else could be asked, and what its ``read`` gave.

    ``span`` is [from_us, to_us) and what it was called; ``age_s`` is how old the newest commit was when this was read.
    ``condition`` is that of the data of the line, or of all lines where none is chosen.
    """

    now_us: int
    age_s: float
    tz: str
    line: str
    machine: str
    from_us: int
    to_us: int
    span: str
    lines: list[Named]
    machines: list[Named]
    condition: Condition
    data: Any


class TooMuch(Exception):
    """So many questions are unanswered that another one would only wait."""


class Turns:
    """Few questions at a time, and not many that wait for their turn; belongs to one event loop."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._asking: Counter[str] = Counter()

    def ask(self, address: str, question: Callable[[], _T]) -> asyncio.Task[_T]:
        """``question`` answered in a thread, when it is its turn. Raises :class:`TooMuch`."""
        if self._asking.total() >= WAITING or self._asking[address] >= WAITING // 2:
            raise TooMuch
        self._asking[address] += 1
        task = asyncio.create_task(self._answer(question))
        task.add_done_callback(lambda _: self._answered(address))
        return task

    async def _answer(self, question: Callable[[], _T]) -> _T:
        async with self._turns:
            return await run_in_threadpool(question)

    def _answered(self, address: str) -> None:
        self._asking[address] -= 1
        if not self._asking[address]:
            del self._asking[address]


class Api:
    """Answers the pages from the store at ``path``; belongs to one event loop."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept: OrderedDict[tuple[str, Query], tuple[float, asyncio.Task[Asset]]] = OrderedDict()
        self._turns = Turns()

    async def body(self, page: Page, params: Mapping[str, str], address: str = "") -> Asset:
        """What ``page`` shows of what ``params`` ask for, as JSON, to who is at ``address``; a trouble answers too."""
        try:
            return await asyncio.shield(self._task(page, query_of(params), address))
        except Refused as refused:
            return asset("answer.json", _encode({"trouble": trouble_of(self._path, refused)}))
        except TooMuch:
            return asset("answer.json", _encode({"trouble": BUSY}))

    async def ask(self, address: str, question: Callable[[], _T]) -> _T:
        """``question`` of who is at ``address``, answered when it is its turn. Raises :class:`TooMuch`."""
        return await self._turns.ask(address, question)

    def _task(self, page: Page, query: Query, address: str) -> asyncio.Task[Asset]:
        key = page.name, query
        until, task = self._kept.get(key, (0.0, None))
        if task is None or (task.done() and time.monotonic() >= until):
            task = self._turns.ask(address, lambda: asset("answer.json", _encode(answer(self._path, page, query))))
            self._kept[key] = time.monotonic() + _FRESH_S, task
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return task

    async def sheet(self, page: Page, params: Mapping[str, str], address: str = "") -> tuple[str, bytes] | Trouble:
        """(file name, CSV of one of the page's tables), or why not."""
        table = params.get("table", "") or next(iter(page.sheets), "")
        if table not in page.sheets:
            refused = Refused("table", asked=table, known=some(list(page.sheets)))
            return trouble_of(self._path, refused)
        try:
            query = query_of(params)
            found = await self.ask(address, lambda: answer(self._path, page, query))
        except Refused as refused:
            return trouble_of(self._path, refused)
        except TooMuch:
            return BUSY
        if isinstance(found, Answer):
            return f"mes-{page.name}-{table}.csv", to_csv(page.sheets[table](found.data))
        return found["trouble"]


def _encode(found: object) -> bytes:
    return msgspec.json.encode(found)


def answer(path: Path, page: Page, query: Query) -> Answer | dict[str, Trouble]:
    """What ``page`` shows of the store at ``path``, read in one moment of it."""
    try:
        with Store.open(path) as store, store.moment():
            ask = resolve(store, query, page.pickers)
            return _answer(store, path, page, ask)
    except MesError as error:
        return {"trouble": trouble_of(path, error)}


def _answer(store: Store, path: Path, page: Page, ask: Ask) -> Answer:
    machines = stations(store, ask.line) if "machine" in page.pickers else []
    return Answer(
        now_us=ask.now_us,
        age_s=max(0.0, time.time() - committed_at(path)),
        tz=ask.tz,
        line=ask.line,
        machine=ask.machine,
        from_us=ask.span.from_us,
        to_us=ask.span.to_us,
        span=ask.span.label,
        lines=[_line(store, line) for line in store.lines()],
        machines=[Named(one.id, one.path, one.name) for one in machines],
        condition=condition(store, [ask.line] if "line" in page.pickers else store.lines(), ask.span),
        data=page.read(store, ask),
    )


def _line(store: Store, path: str) -> Named:
    named, parts = store.named(path), topics.address(path)
    name, plant = (named.name, named.plant) if named else (plain(parts.line), plain(parts.site))
    return Named(short(path), path, name, plant)


def to_csv(sheet: Sheet) -> bytes:
    """A table as spreadsheets of every country read it: UTF-8 with its mark, no cell that is taken for a formula."""
    text = io.StringIO()
    csv.writer(text).writerows([_cell(value) for value in row] for row in sheet)
    return text.getvalue().encode("utf-8-sig")


def _cell(value: str | float | None) -> str | float | None:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
