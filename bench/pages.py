"""Pictures of the board's pages for the documents, of a running demo.

    python bench/pages.py [--to docs/pictures] [--pages wall,line] [--plant phone] [--mess all]

Every page, in both languages, on a desktop of 1920 × 1080 and a phone of 390 × 844; without ``--to`` into a new folder,
to be looked at. A desktop's picture for the documents is 1,280 pixels wide.
"""

import argparse
import io
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from PIL import Image
from playwright.sync_api import Browser, Page

from answers.store import Store
from bench._running import Demo, chromium, demo
from dashboards.board.pages import pages
from dashboards.words import LANGUAGES

SIZES = {"wall": (1920, 1080), "phone": (390, 844)}
WIDTH, COLOURS = 1280, 256
#: Of how many colours a picture's are chosen, and how far apart those are in one of red, green and blue.
LOOKED_AT, APART = 4_000, 6
#: A unit that most probably has left the line: the longest path of the newest.
FAR = (
    "SELECT unit FROM (SELECT * FROM units ORDER BY rowid DESC LIMIT 2000) GROUP BY unit ORDER BY COUNT(*) DESC LIMIT 1"
)


def addresses(running: Demo) -> dict[str, str]:
    """Name of a picture → address on the board; a unit that has been through the line stands for all."""
    with Store.open(running.store) as store:
        ((unit,),) = store.rows(FAR)
    found = {one.name: one.path.lstrip("/") for one in pages()} | {"trace": f"trace?unit={unit}"}
    return {"wall": "", "health": "health", "login": "desk", "desk": "desk", **found}


def shoot(page: Page, address: str, path: Path, pin: str = "") -> None:
    """A PNG of few colours; with ``pin`` of what is behind it."""
    page.goto(address)
    if pin:
        page.fill("input[name=pin]", pin)
        page.keyboard.press("Enter")
    page.wait_for_selector("body[data-state=live] .part" if pin else "body[data-state=live], form:not([hidden])")
    page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished))")
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    if shot.width > WIDTH:
        shot = shot.resize((WIDTH, shot.height * WIDTH // shot.width), Image.Resampling.LANCZOS)
    shot.quantize(palette=palette_of(shot), dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path}  {path.stat().st_size // 1000} kB")


def palette_of(shot: Image.Image) -> Image.Image:
    """The most frequent colours that differ; so the rare ones that say something, as a breakdown's red, stay true."""
    points = shot.tobytes()
    counted = Counter(points[n : n + 3] for n in range(0, len(points), 3))
    chosen: list[bytes] = []
    for colour, _ in counted.most_common(LOOKED_AT):
        if all(max(abs(a - b) for a, b in zip(colour, other, strict=True)) >= APART for other in chosen):
            chosen.append(colour)
    palette = Image.new("P", (1, 1))
    palette.putpalette(b"".join(chosen[:COLOURS]))
    return palette


def all_of(browser: Browser, running: Demo, into: Path, wanted: set[str]) -> None:
    for language in LANGUAGES:
        for size, (width, height) in SIZES.items():
            page = browser.new_page(viewport={"width": width, "height": height}, locale=language)
            for name, address in addresses(running).items():
                if not wanted or name in wanted:
                    pin = running.pin if name == "desk" else ""
                    shoot(page, running.board + address, into / f"{name}-{size}-{language}.png", pin)
            page.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", type=Path)
    parser.add_argument("--pages", default="")
    parser.add_argument("--plant", default="phone")
    parser.add_argument("--mess", default="", help="what the network does to messages; of the page data health")
    asked = parser.parse_args()
    into = asked.to or Path(tempfile.mkdtemp(prefix="pages-"))
    into.mkdir(exist_ok=True)
    mess = ["--mess", asked.mess] if asked.mess else []
    with demo("--plant", asked.plant, *mess) as running, chromium() as browser:
        all_of(browser, running, into, set(filter(None, asked.pages.split(","))))


if __name__ == "__main__":
    main()
