"""Materials: which lot is on each feeder now, which run low, and what the machines warn of."""

from typing import Any

import msgspec

from answers.plant import stations
from answers.store import Store
from contract.events import MachineDescribed, SlotDescribed, Words


class Loaded(msgspec.Struct, frozen=True):
    """A feeder and the lot on it now (``lot`` empty: nothing that anybody told of).

    ``remaining`` pieces were left at ``said_us``, when the machine last told; ``is_low`` since ``low_us``.
    """

    machine: str
    slot: str
    name: Words
    material: str
    per_part: int
    low_at: int
    lot: str
    quantity: int
    remaining: int
    loaded_us: int | None
    low_us: int | None
    said_us: int | None

    @property
    def is_low(self) -> bool:
        """Whether it is nearly used up, or there is nothing on it."""
        return not self.lot or self.low_us is not None


class Alarm(msgspec.Struct, frozen=True):
    """An alarm that is on; ``subject`` is what it is about."""

    machine: str
    code: str
    subject: str
    raised_us: int


# Of two lots on one feeder the one loaded last is used; the other ended in it without a word, or the word was lost.
_NEWEST = """
    SELECT path, slot, lot, quantity, remaining, loaded_us, low_us FROM lots JOIN machines USING (machine_id)
    WHERE line_path = ? AND empty_us IS NULL ORDER BY COALESCE(loaded_us, low_us)
"""


def materials(store: Store, line: str) -> list[Loaded]:
    """Every feeder of ``line`` in the order of the flow, with what is on it now."""
    described = store.described(line)
    newest = {(row[0], row[1]): row[2:] for row in store.rows(_NEWEST, line)}
    return [
        _loaded(station.path, slot, one, newest.get((station.path, slot)))
        for station in stations(store, line)
        for slot, one in _slots(described.get(station.path)).items()
    ]


def _slots(info: MachineDescribed | None) -> dict[str, SlotDescribed]:
    return info.slots if info else {}


def _loaded(machine: str, slot: str, one: SlotDescribed, row: tuple[Any, ...] | None) -> Loaded:
    lot, quantity, remaining, loaded_us, low_us = row or ("", 0, 0, None, None)
    return Loaded(
        machine=machine,
        slot=slot,
        name=one.name,
        material=one.material,
        per_part=one.per_part,
        low_at=one.low_at,
        lot=lot,
        quantity=quantity,
        remaining=remaining,
        loaded_us=loaded_us,
        low_us=low_us,
        said_us=loaded_us if low_us is None else low_us,
    )


def alarms(store: Store, line: str) -> list[Alarm]:
    """The alarms of ``line`` that are on, the oldest first."""
    rows = store.rows(
        "SELECT path, code, subject, raised_us FROM alarms JOIN machines USING (machine_id)"
        " WHERE line_path = ? AND cleared_us IS NULL ORDER BY raised_us, path",
        line,
    )
    return [Alarm(*row) for row in rows]
