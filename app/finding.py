"""What a check of ``mes doctor`` found."""

from msgspec import Struct


class Finding(Struct, frozen=True):
    """One check: ``said`` is what was found, ``mend`` what to do when it is not ``ok``."""

    what: str
    ok: bool
    said: str
    mend: str = ""


def wrong(what: str, text: str) -> Finding:
    """What an error says, "what is wrong: how to mend it", as a finding."""
    said, _, mend = text.rpartition(": ")
    return Finding(what, False, said or text, mend if said else "")
