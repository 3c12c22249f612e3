"""A command that is refused: why, as a code that a page can put into any language, and in English with the mend."""

from contract.errors import UsageError

#: Every code, in the order of ``docs/wire``.
WHYS = (
    "illegal", "not_commanded", "forced", "maintained", "mode", "already_stopped", "no_fault", "none_there", "no_such",
    "value", "product", "order", "same_order", "fields", "verb", "path", "no_id", "same_id", "too_many", "retained",
    "illegible",
)  # fmt: skip


class Refusal(UsageError):
    """``why`` is one of :data:`WHYS`."""

    def __init__(self, why: str, detail: str) -> None:
        super().__init__(detail)
        self.why = why
