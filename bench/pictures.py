"""Pictures of the Grafana dashboards for the documents, drawn from what their own queries return, without a Grafana.

    python bench/pictures.py [--to docs/pictures] [--dashboards wall,line,quality]

A day and some hours of the plant ``phone`` go into an InfluxDB of our own; each dashboard's queries are asked of it,
and `bench/preview` draws the answers as Grafana would. A banner in each picture says so. Without ``--to`` they go to a
new folder, to be looked at.
"""

import argparse
import io
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from influx_server import own_influx  # noqa: E402
from PIL import Image  # noqa: E402
from playwright.sync_api import Page, sync_playwright  # noqa: E402

from app.dashboards import boards, typed  # noqa: E402
from app.influxql import InfluxReader  # noqa: E402
from bench._filled import Bucket  # noqa: E402
from bench.preview.page import WIDTH, Answers, page  # noqa: E402
from dashboards.grafana.check import choose, panel_questions  # noqa: E402
from dashboards.grafana.interpolate import Scope  # noqa: E402
from dashboards.grafana.lint import Json, panels, variables  # noqa: E402

#: Until 09:42 of the second day: a changeover is under way, some machines stand, others wait for them.
HOURS = 27.7
#: How far back a dashboard looks by itself, in hours.
SPANS = {"now-8h": 8, "now-24h": 24}
#: What is worth looking at of a dashboard that shows one thing.
CHOSEN: dict[str, object] = {"machine": "screw"}
COLOURS = 256
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-sync", "--disable-background-networking"]


def drawn(board: Json, reader: InfluxReader, to_ms: int) -> str:
    """A dashboard as HTML, of its own span until ``to_ms``."""
    scope = Scope(to_ms - SPANS[board["time"]["from"]] * 3_600_000, to_ms - 1)
    given = {name: value for name, value in CHOSEN.items() if not variables(board).get(name, {}).get("multi")}
    values = choose(board, reader.ask, scope, typed(reader, board, scope) | given)
    asked = panel_questions(board, values, scope)
    targets = [(panel["id"], target) for panel in panels(board) for target in panel.get("targets", [])]
    answers: Answers = {}
    for (panel_id, target), question in zip(targets, asked, strict=True):
        answers.setdefault(panel_id, []).append((target, reader.ask(question.source, question.text)))
    return page(board, answers, scope, values)


def picture(browser: Page, html: str, path: Path) -> None:
    """A PNG in the commonest colours, as small as it gets; what is between two of them becomes the nearer one."""
    browser.set_content(html)
    shot = Image.open(io.BytesIO(browser.screenshot(full_page=True))).convert("RGB")
    common = sorted(shot.getcolors(shot.width * shot.height), reverse=True)[:COLOURS]
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for _, colour in common for part in colour])
    shot.quantize(palette=palette, dither=Image.Dither.NONE).save(path, optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path)
    parser.add_argument("--dashboards", default="")
    asked = parser.parse_args()
    into = asked.to or Path(tempfile.mkdtemp(prefix="pictures-"))
    wanted = set(filter(None, asked.dashboards.split(",")))
    with tempfile.TemporaryDirectory() as folder, own_influx(Path(folder) / "influx") as server:
        bucket = Bucket(server)
        to_ms = bucket.run("phone", HOURS, Path(folder) / "mes.db").to_us // 1000
        with InfluxReader(bucket.settings) as reader, sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=SWITCHES)
            browser = chromium.new_page(viewport={"width": WIDTH, "height": 900})
            for path, board in boards().items():
                language, name = Path(path).with_suffix("").parts
                if not wanted or name in wanted:
                    target = into / f"grafana-{name}-{language}.png"
                    picture(browser, drawn(board, reader, to_ms), target)
                    print(f"{target}  {target.stat().st_size // 1000} kB")
            chromium.close()


if __name__ == "__main__":
    main()
