"""What a check of ``mes doctor`` found."""

from msgspec import Struct


class Finding(Struct, frozen=True):
    """One check: ``said`` is what was found, ``mend`` what to do when it is not ``ok``."""

    what: str
    ok: bool
    said: str
    mend: str = ""
