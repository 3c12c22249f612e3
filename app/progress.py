"""Progress of long work: a bar on a terminal, plain lines when piped, always on standard error."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

console = Console(stderr=True, highlight=False)


@contextmanager
def progress(what: str) -> Iterator[Callable[[float], None]]:
    """A function to call with the share done (0 to 1) while inside."""
    if console.is_terminal:
        with _bar() as bar:
            task = bar.add_task(what, total=1.0)
            yield lambda share: bar.update(task, completed=share)
            bar.update(task, completed=1.0)
    else:
        yield _Lines(what).say
        console.print(f"{what}: done")


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    return Progress(*columns, TimeRemainingColumn(), console=console)


class _Lines:
    """A line at the start and at every quarter."""

    def __init__(self, what: str) -> None:
        self._what, self._said = what, -1

    def say(self, share: float) -> None:
        quarter = int(share * 4)
        if quarter > self._said and quarter < 4:
            self._said = quarter
            console.print(f"{self._what}: {quarter * 25} %")
