"""Who is silent: not heard of for longer than a pause between two heartbeats, by the plant's clock and by the wall's.

Time at a simulated plant may go 600 times as fast. Then its machines are minutes of its time apart, by their
connections, though each of them speaks all the time; and one clock that is ahead makes all others look late.
"""

from msgspec import Struct

from answers.span import GRACE_US
from answers.store import Store
from contract.instants import SECOND_US

#: Who was heard of so lately on the wall's clock is not silent, whatever the plant's clock says, µs.
_JUST_NOW_US = 5 * SECOND_US


class Arrivals(Struct, frozen=True):
    """``ago_us``: how long before the newest message of all that of each machine arrived; not for those of files."""

    ago_us: dict[str, int]

    def is_silent(self, path: str, heard_us: int, now_us: int) -> bool:
        """Whether the machine at ``path``, whose newest event is of ``heard_us``, is silent at ``now_us``."""
        ago_us = self.ago_us.get(path)
        return now_us - heard_us > GRACE_US and (ago_us is None or ago_us > _JUST_NOW_US)


def arrivals(store: Store) -> Arrivals:
    """When the machines in ``store`` were last heard of, as far as that was live."""
    heard = store.heard()
    at_us = {path: heard[path] + delay_us for path, delay_us in store.delays().items() if path in heard}
    newest_us = max(at_us.values(), default=0)
    return Arrivals({path: newest_us - each_us for path, each_us in at_us.items()})
