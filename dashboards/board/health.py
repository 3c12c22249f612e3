"""The page "data health": the mess on the wire, what is known in spite of it, and the proof if a truth is at hand."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from answers.health import MachineHealth, PlantHealth, health
from answers.plant import stations
from answers.score import MachineScore, Score, score
from answers.span import everything, whole
from answers.store import Health, Quarantined, Store, short
from contract.errors import MesError, UsageError
from contract.events import Words
from contract.instants import DAY_US
from dashboards.board.api import to_csv
from dashboards.board.pages import Refused, Sheet, rows_of, some
from dashboards.board.reader import committed_at
from dashboards.board.troubles import Trouble, log, trouble_of

#: However many look, the store is read at most this often, s.
_FRESH_S = 2.0
#: A truth of eight hours takes about a second to compare.
_PROOF_FRESH_S = 30.0
_REFUSALS_SHOWN = 10
_EXCERPT = 160
#: What is wrong with these is read in the topic itself.
_OF_TOPIC = frozenset({"bad_topic", "unknown_kind"})


class Proof(msgspec.Struct, frozen=True):
    """A machine's OEE in the store, and the truth's of the same time; ``verdict`` as ``answers.score`` gives it."""

    verdict: str
    oee: float | None
    true_oee: float | None


class MachineNow(msgspec.Struct, frozen=True):
    """One machine: ``coverage`` of the last day at most; its newest event is ``behind_s`` behind the plant's newest.

    Its clock is ``skew_s`` ahead of the plant's median; ``None`` where nothing arrived live.
    """

    id: str
    name: Words
    coverage: float | None
    unknown_s: float
    behind_s: float
    silent: bool
    skew_s: float | None
    lost: int
    late: int
    duplicates: int
    reordered: int
    quarantined: int
    proof: Proof | None


class LineHealth(msgspec.Struct, frozen=True):
    """The machines of one line, in the order of the flow."""

    name: Words
    machines: list[MachineNow]


class Refusal(msgspec.Struct, frozen=True):
    """One quarantined record; ``received_us`` is ``None`` where it came from a file.

    ``reason`` has the words ``refusal.<reason>`` and a ``.hint``; ``detail`` quotes what the message says, or is what
    English could say of one that could not be read.
    """

    received_us: int | None
    reason: str
    sender: str
    detail: str


class HealthNow(msgspec.Struct, frozen=True):
    """The whole page. ``passed`` is ``None`` without a truth; ``proof_trouble`` says why one could not be used.

    ``age_s`` is how old the newest commit was when this was read.
    """

    age_s: float
    plant: Words
    tz: str
    lines: list[LineHealth]
    nobody: int
    strangers: list[str]
    refusals: list[Refusal]
    passed: bool | None
    proof_trouble: Trouble | None


class HealthReader:
    """Reads the page's data from the store, and the truth file if there is one; for any number of threads."""

    def __init__(self, path: Path, truth: Path | None) -> None:
        self._path, self._truth = path, truth
        self._lock = threading.Lock()
        self._fresh_until_s = self._proved_until_s = 0.0
        self._body = b""
        self._found: HealthNow | dict[str, Trouble] = {}
        self._proof: tuple[Score | None, Trouble | None] = (None, None)
        self._proved_of: tuple[float, float] | None = None

    def sheet(self, table: str) -> tuple[str, bytes] | Trouble:
        """(file name, CSV of what the page shows: ``machines``, also if none is named, or ``refused``), or why not."""
        table = table or next(iter(_SHEETS))
        if table not in _SHEETS:
            return trouble_of(self._path, Refused("table", asked=table, known=some(list(_SHEETS))))
        self.body()
        found = self._found
        if isinstance(found, HealthNow):
            return f"mes-health-{table}.csv", to_csv(_SHEETS[table](found))
        return found["trouble"]

    def body(self) -> bytes:
        """The page's data as JSON: :class:`HealthNow`, or ``{"trouble": …}`` when there is nothing to show.

        The reason of the trouble is ``empty`` while no machine has spoken yet.
        """
        with self._lock:
            if time.monotonic() >= self._fresh_until_s:
                self._found = self._read()
                self._body = msgspec.json.encode(self._found)
                self._fresh_until_s = time.monotonic() + _FRESH_S
            return self._body

    def _read(self) -> HealthNow | dict[str, Trouble]:
        try:
            with Store.open(self._path) as store:
                if store.evidence() is None:
                    return {"trouble": Trouble("empty")}
                known = everything(store)
                span = whole(max(known.from_us, known.to_us - DAY_US), known.to_us)
                found = health(store, span, _REFUSALS_SHOWN)
                return _page(store, found, *self._prove(store))
        except MesError as error:
            return {"trouble": trouble_of(self._path, error)}

    def _prove(self, store: Store) -> tuple[Score | None, Trouble | None]:
        if self._truth is None:
            return None, None
        state = (committed_at(self._path), committed_at(self._truth))
        if state != self._proved_of and time.monotonic() >= self._proved_until_s:
            self._proof, self._proved_of = _compare(store, self._truth), state
            self._proved_until_s = time.monotonic() + _PROOF_FRESH_S
        return self._proof


def _compare(store: Store, truth: Path) -> tuple[Score | None, Trouble | None]:
    try:
        with truth.open("rb") as lines:
            return score(store, lines), None
    except (OSError, UsageError) as error:
        log(f"{truth}: {error}")
        return None, Trouble("truth_unreadable" if truth.is_file() else "truth_missing", {"file": truth.name})


def _page(store: Store, found: PlantHealth, proof: Score | None, trouble: Trouble | None) -> HealthNow:
    lines = store.lines()
    named = {line: store.named(line) for line in lines}
    plants = [one.plant for one in named.values() if one]
    scores = {one.machine: one for one in proof.machines} if proof else {}
    return HealthNow(
        age_s=max(0.0, time.time() - committed_at(store.path)),
        plant=plants[0] if plants else _plain(lines[0].split("/")[1]),
        tz=store.tz(lines[0]),
        lines=[
            LineHealth(one.name if one else _plain(short(line)), _machines(store, line, found.machines, scores))
            for line, one in named.items()
        ],
        strangers=[short(path) for path in found.strangers],
        nobody=sum(other.quarantined for other in found.others),
        refusals=[_refusal(record) for record in found.newest],
        passed=proof.passed if proof else None,
        proof_trouble=trouble,
    )


def _plain(text: str) -> Words:
    return Words(en=text, vi=text)


def _machines(store: Store, line: str, found: list[MachineHealth], scores: dict[str, MachineScore]) -> list[MachineNow]:
    names = {station.path: station.name for station in stations(store, line)}
    return [_machine(one, names[one.path], scores.get(one.path)) for one in found if one.line == line]


def _machine(one: MachineHealth, name: Words, proof: MachineScore | None) -> MachineNow:
    counts: Health = one.counts
    return MachineNow(
        id=short(one.path),
        name=name,
        coverage=one.coverage,
        unknown_s=one.unknown_us / 1e6,
        behind_s=one.lag_us / 1e6,
        silent=one.silent,
        skew_s=None if one.skew_us is None else one.skew_us / 1e6,
        lost=counts.lost,
        late=counts.late,
        duplicates=counts.duplicates,
        reordered=counts.reordered,
        quarantined=counts.quarantined,
        proof=Proof(proof.verdict, proof.oee, proof.true_oee) if proof else None,
    )


def _refusal(record: Quarantined) -> Refusal:
    sender = "/".join(record.topic.split("/")[-2:])
    detail = record.topic if record.reason in _OF_TOPIC else record.detail
    return Refusal(record.received_us, record.reason, sender[:_EXCERPT], detail[:_EXCERPT])


_FIGURES = ("coverage", "unknown_s", "behind_s", "silent", "skew_s", "lost", "late", "duplicates", "reordered",
            "quarantined")  # fmt: skip


def _machines_sheet(found: HealthNow) -> Sheet:
    rows = [[line.name.en, one.id, *(getattr(one, name) for name in _FIGURES), *_proved(one.proof)]
            for line in found.lines for one in line.machines]  # fmt: skip
    return [["line", "machine", *_FIGURES, *Proof.__struct_fields__], *rows]


def _proved(proof: Proof | None) -> tuple[object, ...]:
    return msgspec.structs.astuple(proof) if proof else ("", None, None)


_SHEETS: dict[str, Callable[[HealthNow], Sheet]] = {
    "machines": _machines_sheet,
    "refused": lambda found: rows_of(Refusal.__struct_fields__, found.refusals),
}
