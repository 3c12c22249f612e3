"""Who may sit at the desk: a PIN, tried a few times at most, and then a session; and what a request must look like.

Limits, all in a window of :data:`WINDOW_S`: wrong PINs of one address :data:`WRONG_EACH`, of all addresses but this
machine's own :data:`WRONG_ALL`. So a million PINs take weeks to try, and nobody
elsewhere can lock out who sits at this machine.
"""

import ipaddress
import secrets
from collections import OrderedDict, deque
from collections.abc import Callable

#: The name of the cookie; it is sent to ``/desk`` only.
COOKIE = "mes_desk"
SESSION_S = 4 * 3600.0
SESSIONS_LIMIT = 20
WINDOW_S = 120.0
WRONG_EACH, WRONG_ALL = 5, 20
#: Actions within :data:`ACTIONS_S` from all sessions together.
ACTIONS, ACTIONS_S = 60, 10.0
_ADDRESSES_LIMIT = 1000
_PIN_DIGITS = 6
_TOKEN_LIMIT = 100
#: Names that no public name server can answer: so no web page elsewhere can make a browser take its name for ours.
_OWN_ENDINGS = (".local", ".localhost", ".internal", ".home.arpa", ".lan")


def new_pin() -> str:
    """A random PIN of six digits."""
    return f"{secrets.randbelow(10**_PIN_DIGITS):0{_PIN_DIGITS}d}"


class Limit:
    """At most ``most`` in ``window_s``; ``clock`` gives seconds that only grow."""

    def __init__(self, most: int, window_s: float, clock: Callable[[], float]) -> None:
        self._most, self._window_s, self._clock = most, window_s, clock
        self._at: deque[float] = deque(maxlen=most)

    def wait_s(self) -> float:
        """How long until one more is let through; 0 for now."""
        if len(self._at) < self._most:
            return 0.0
        return max(0.0, self._at[0] + self._window_s - self._clock())

    def count(self) -> None:
        """One more."""
        self._at.append(self._clock())


class Guard:
    """Knows the PIN and who has said it. Outlives the board that asks it."""

    def __init__(self, pin: str, clock: Callable[[], float]) -> None:
        self.pin, self._clock = pin, clock
        self._sessions: OrderedDict[str, float] = OrderedDict()
        self._wrong_all = Limit(WRONG_ALL, WINDOW_S, clock)
        self._wrong: OrderedDict[str, Limit] = OrderedDict()
        self.actions = Limit(ACTIONS, ACTIONS_S, clock)

    def wait_s(self, address: str) -> float:
        """How long ``address`` must wait before it may try a PIN."""
        own = self._wrong.get(address)
        all_s = 0.0 if is_loopback(address) else self._wrong_all.wait_s()
        return max(all_s, own.wait_s() if own else 0.0)

    def log_in(self, pin: str, address: str) -> str:
        """The token of a new session, empty for a wrong PIN; ask :meth:`wait_s` first."""
        if not secrets.compare_digest(pin.encode(), self.pin.encode()):
            self._count_wrong(address)
            return ""
        token = secrets.token_urlsafe(32)
        self._sessions[token] = self._clock() + SESSION_S
        while len(self._sessions) > SESSIONS_LIMIT:
            self._sessions.popitem(last=False)
        return token

    def knows(self, token: str) -> bool:
        """Whether that session goes on."""
        until_s = self._sessions.get(token[:_TOKEN_LIMIT], 0.0)
        if until_s <= self._clock():
            self._sessions.pop(token[:_TOKEN_LIMIT], None)
            return False
        return True

    def log_out(self, token: str) -> None:
        """End that session."""
        self._sessions.pop(token[:_TOKEN_LIMIT], None)

    def _count_wrong(self, address: str) -> None:
        if not is_loopback(address):
            self._wrong_all.count()
        own = self._wrong.pop(address, None) or Limit(WRONG_EACH, WINDOW_S, self._clock)
        own.count()
        self._wrong[address] = own
        while len(self._wrong) > _ADDRESSES_LIMIT:
            self._wrong.popitem(last=False)


def is_loopback(address: str) -> bool:
    """Whether an IP address is this machine's own."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def is_own_host(host: str, names: frozenset[str]) -> bool:
    """Whether a Host header names this board: an IP address, a name without a dot or of this network, or of ``names``.

    Any other name may be one that a stranger's page has made to lead here (DNS rebinding).
    """
    name = host.strip().lower()
    if name.startswith("["):
        name = name[1:].partition("]")[0]
    elif name.count(":") == 1:
        name = name.partition(":")[0]
    name = name.rstrip(".")
    try:
        ipaddress.ip_address(name)
    except ValueError:
        plain = name.replace("-", "").replace("_", "").replace(".", "")
        is_name = bool(plain) and plain.isascii() and plain.isalnum()
        return is_name and ("." not in name or name.endswith(_OWN_ENDINGS) or name in names)
    return True


def is_same_origin(origin: str, host: str, scheme: str) -> bool:
    """Whether a request comes from a page of ours: browsers say ``Origin`` with every POST."""
    return bool(host) and origin.lower() == f"{scheme}://{host}".lower()
