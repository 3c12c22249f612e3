"""What a machine says now: the newest of everything heard, even of events that wait behind a gap. Pure."""

from typing import Any

from msgspec import Struct

from collector.reorder import Said
from contract.events import HeartBeaten, LinkChanged, PartsCounted, StateChanged
from contract.states import Mode, State


class Current(Struct, array_like=True):
    """The columns of ``current_state``; newer is a larger (boot, seq), for the state and the totals on their own."""

    ts_us: int = 0
    boot: int = -1
    seq: int = 0
    state_seq: int = 0
    state: State | None = None
    mode: Mode = Mode.PRODUCTION
    reason: str = ""
    since_us: int = 0
    count_seq: int = 0
    total: int = 0
    good: int = 0
    scrap: int = 0
    rework: int = 0
    product: str = ""
    order_id: str = ""
    ideal_us: int = 0
    buffer_in: int | None = None
    buffer_out: int | None = None
    link_boot: int = -1
    online: bool = False

    def hear(self, said: Said) -> None:
        """Take what is newer than what is known."""
        seq = said.seq
        if said.boot != self.boot:
            if said.boot < self.boot:
                return
            self.boot, self.seq, self.state_seq, self.count_seq = said.boot, 0, 0, 0
        if seq > self.seq:
            self.seq, self.ts_us = seq, said.ts
        if isinstance(said, StateChanged):
            self._tell(said)
        elif isinstance(said, PartsCounted):
            self._count(said)
        elif isinstance(said, HeartBeaten):
            self._tell(said)
            self._count(said)

    def link(self, changed: LinkChanged) -> bool:
        """Take a link event; whether it is news."""
        # A last will was written before it was needed, so inside a boot the order of arrival decides.
        if changed.boot < self.link_boot:
            return False
        self.link_boot, self.online = changed.boot, changed.online
        return True

    def row(self, *, is_heard: bool) -> tuple[Any, ...] | None:
        """The columns after ``machine_id``; none as long as no state is known."""
        if self.state is None:
            return None
        online = self.online if self.link_boot >= 0 else is_heard
        return (
            self.ts_us, self.boot, self.seq, self.state.value, self.mode.value, self.reason, self.since_us,
            self.total, self.good, self.scrap, self.rework, self.product, self.order_id, self.ideal_us,
            self.buffer_in, self.buffer_out, int(online),
        )  # fmt: skip

    def _tell(self, said: StateChanged | HeartBeaten) -> None:
        if said.seq > self.state_seq:
            self.state_seq = said.seq
            self.state, self.mode, self.reason, self.since_us = said.state, said.mode, said.reason, said.since

    def _count(self, said: PartsCounted | HeartBeaten) -> None:
        if said.seq > self.count_seq:
            self.count_seq = said.seq
            self.total, self.good, self.scrap, self.rework = said.total, said.good, said.scrap, said.rework
            self.product, self.order_id, self.ideal_us = said.product, said.order, said.ideal_us
            self.buffer_in, self.buffer_out = said.buffer_in, said.buffer_out
