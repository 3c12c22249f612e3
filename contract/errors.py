"""One tree of errors, so that whoever runs the program can tell a user's mistake from ours.

    MesError                     says what, where and how to mend it; shown without a traceback
    ├── PlantError               a plant file that cannot be built (names the key and the mend)
    ├── StoreError               a store that is missing, locked or unwritable
    │   ├── NoStore              there is none at that place
    │   ├── OtherVersion         a store of an older or a newer version of this program
    │   └── Contradiction        a store of which two tables tell different things: our fault
    ├── BrokerError              no broker there, or it refused us
    ├── InfluxError              an InfluxDB that cannot be what was meant: address, token, bucket or organisation
    ├── UsageError               an argument that makes no sense
    └── BadPayload               what a machine sent is not in the contract: data, quarantined, never fatal

Anything that is not a ``MesError`` is our own bug and is raised as it is.
"""


class MesError(Exception):
    """Base of every error that a person can mend."""


class PlantError(MesError):
    """A plant file that cannot be built."""


class StoreError(MesError):
    """A store that cannot be opened, read or written."""


class NoStore(StoreError):
    """There is no store where one was looked for."""


class OtherVersion(StoreError):
    """A store of an older or a newer version; ``is_older`` says which."""

    def __init__(self, message: str, *, is_older: bool) -> None:
        super().__init__(message)
        self.is_older = is_older


class Contradiction(StoreError):
    """Two tables of a store that tell different things."""


class BrokerError(MesError):
    """A broker that cannot be reached or refuses us."""


class InfluxError(MesError):
    """An InfluxDB that refuses us, or is none."""


class UsageError(MesError):
    """An argument that makes no sense."""


class BadPayload(MesError):
    """A topic or payload outside the contract.

    ``reason`` is one of the short codes of :data:`contract.codec.REASONS`; ``detail`` says where and what.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
