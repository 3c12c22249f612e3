"""The documents say what there is: both languages alike, links that lead somewhere, commands that can be typed."""

import re
from collections import Counter
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest
import typer

from app.cli import app
from app.options import DEFAULT_PLANT
from app.story import load_story, story_names
from dashboards.board.pages import pages
from dashboards.grafana.build import BOARDS
from dashboards.words import LANGUAGES, catalogue
from simulator.plant_file import load_park

ROOT = Path(__file__).parent.parent.parent
ENGLISH = [ROOT / "README.md", *sorted(one for one in (ROOT / "docs").glob("*.md") if not one.name.endswith(".vi.md"))]
ALL = [*ENGLISH, *(one.with_suffix(".vi.md") for one in ENGLISH), ROOT / "CHANGELOG.md"]
MES = typer.main.get_command(app)
ROOMS = "answers|app|bench|collector|contract|dashboards|deploy|docs|simulator|tests"
#: Those with a place in the navigation; what Explain opens is told in its section.
PAGES = [page for page in pages() if page.path.count("/") == 1]
BENCH = sorted(one.name for one in (ROOT / "bench").glob("[a-z]*.py"))
#: Numbers with a point in every language: versions, addresses, sections of a standard.
AS_THEY_ARE = re.findall(r"\S+", "127.0.0.1 1.6 1.6.7 1.8 2.7 2.7.12 2.20 3.1.1 3.11 4.1 6.3 13.2.3 88.00.02")
SWAPPED = str.maketrans(".,", ",.")


def vietnamese(path):
    return path.with_suffix(".vi.md")


def name_of(path):
    return path.name


@cache
def text_of(path):
    return path.read_text("utf-8")


def blocks(text):
    """Every block of code as its lines, fenced or indented."""
    fenced = re.findall(r"^```\w*\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    rest = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    indented = re.findall(r"(?:^    +\S.*\n(?:\n(?=    ))?)+", rest, flags=re.MULTILINE)
    return [[line.strip() for line in block.splitlines() if line.strip()] for block in [*fenced, *indented]]


def without_blocks(text):
    return re.sub(r"^```.*?^```$|^ {4,}[^\n]*$", "", text, flags=re.DOTALL | re.MULTILINE)


def prose(text):
    """What is neither code nor the address of a link."""
    return re.sub(r"`[^`\n]*`|\]\([^)]*\)", "", without_blocks(text))


def inline(text):
    return set(re.findall(r"`[^`\n]+`", without_blocks(text)))


def without_its_comment(line):
    return re.split(r"\s#\s|\s--\s", line)[0].strip()


def links(text):
    return re.findall(r"\]\(([^)\s]+)\)", without_blocks(text))


def numbers(text, language):
    """Every number as English writes it, and how often."""
    found = Counter()
    for number in re.findall(r"(?<![\d.,])\d+(?:[.,]\d+)*", prose(text)):
        swap = language == "vi" and number not in AS_THEY_ARE
        found[number.translate(SWAPPED) if swap else number] += 1
    return found


@pytest.mark.parametrize("path", ENGLISH, ids=name_of)
def test_both_languages_have_the_same_headings_tables_commands_pictures_and_numbers(path):
    english, other = text_of(path), text_of(vietnamese(path))
    levels = [re.findall(r"^(#+) ", one, flags=re.MULTILINE) for one in (english, other)]
    assert levels[0] == levels[1]
    rows = [[line.count("|") for line in one.splitlines() if line.startswith("|")] for one in (english, other)]
    assert rows[0] == rows[1]
    typed = [[line for block in blocks(one) for line in block if line.startswith(COMMANDS)] for one in (english, other)]
    assert list(map(without_its_comment, typed[0])) == list(map(without_its_comment, typed[1]))
    pictures = [re.findall(r"pictures/([\w-]+)-(\w+)\.png", one) for one in (english, other)]
    assert [name for name, _ in pictures[0]] == [name for name, _ in pictures[1]]
    assert {language for _, language in pictures[1]} <= {"vi"}
    assert numbers(english, "en") == numbers(other, "vi")
    assert inline(english) == inline(other)


COMMANDS = ("mes ", "make ", "python ", "docker ", ".venv", "sudo ", "git ", "mosquitto_")


def anchors(path):
    """The anchors that GitHub makes of a document's headings."""
    headings = re.findall(r"^#+ (.*)$", without_blocks(text_of(path)), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).strip().replace(" ", "-") for one in headings}


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_every_link_and_anchor_leads_somewhere(path):
    for link in links(text_of(path)):
        if link.startswith("http"):
            continue
        file, _, anchor = unquote(link).partition("#")
        target = (path.parent / file).resolve() if file else path
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("path", ENGLISH, ids=name_of)
def test_each_language_leads_to_pages_of_its_own_and_to_the_other_once(path):
    for here, there in ((path, vietnamese(path)), (vietnamese(path), path)):
        own = ".vi.md" if here.name.endswith(".vi.md") else ".md"
        told = [link.partition("#")[0] for link in links(text_of(here)) if not link.startswith("http")]
        assert told.count(there.name) == 1
        for link in told:
            if link.endswith(".md") and link not in (there.name, "CHANGELOG.md"):
                assert link.endswith(".vi.md") == (own == ".vi.md"), link


def verbs():
    """Each verb, and each verb of a verb, with its command."""
    for name, command in MES.commands.items():
        inner = getattr(command, "commands", {"": command})
        for word, one in inner.items():
            yield f"{name} {word}".strip(), one


def options(command):
    return {opt for param in command.params for opt in [*param.opts, *param.secondary_opts] if opt.startswith("--")}


@pytest.mark.parametrize("document", ["commands.md", "commands.vi.md"])
def test_every_option_of_every_verb_is_documented_under_its_verb(document):
    text = text_of(ROOT / "docs" / document)
    sections = dict(re.findall(r"^## mes (\w+)\n(.*?)(?=^## |\Z)", text, flags=re.DOTALL | re.MULTILINE))
    shared = {"--help", "--influx", "--influx-token-file", "--influx-org", "--influx-bucket"}
    for verb, command in verbs():
        wanted = options(command) - shared - {"--alerts"}
        section = sections[verb.split()[0]]
        assert not sorted(one for one in wanted if not re.search(rf"{one}(?![\w-])", section)), verb
    assert not sorted(one for one in shared - {"--help"} if one not in sections["collect"])
    assert all(one.opts[0] in text for one in MES.params)


def commands_of(text):
    """Every command line of a document that begins with ``mes``: in blocks, and in its lines."""
    lines = [line for block in blocks(text) for line in block]
    inline = re.findall(r"`((?:mes|python bench|make) [^`\n]+)`", text)
    return [re.sub(r"^\.venv/bin/", "", without_its_comment(line)) for line in [*lines, *inline]]


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_every_command_shown_can_be_typed(path):
    known = dict(verbs())
    for line in commands_of(text_of(path)):
        word, *rest = re.sub(r"[\[\]…&]", " ", line).split() or [""]
        rest = rest[1:] if rest[:1] == ["VERB"] else rest
        if word == "mes" and rest and not rest[0].startswith("-"):
            verb = " ".join(rest[:2]) if " ".join(rest[:2]) in known else rest[0]
            assert verb in known or verb in MES.commands, line
            if verb in known:
                typed = {one.split("=")[0] for one in rest if one.startswith("--")}
                assert typed <= options(known[verb]), line


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_every_command_to_a_machine_is_for_one_of_the_plant_that_runs_by_itself(path):
    [plant] = load_park(DEFAULT_PLANT).plants
    lines = {plant.address(line).path: {station.id for station in line.stations} for line in plant.lines}
    for line in commands_of(text_of(path)):
        for asked in re.findall(r"(?:^mes|--rm) command.* ([a-z][\w-]*(?:/[\w-]+){3,4}) [a-z]", line):
            where, _, machine = asked.rpartition("/") if asked not in lines else (asked, "", "")
            assert where in lines, line
            assert not machine or machine in lines[where], line


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_every_file_and_bench_command_named_is_there(path):
    text = text_of(path)
    for name in re.findall(r"bench/(\w+\.py)", text):
        assert name in BENCH, name
    for line in commands_of(text):
        if line.startswith("python bench/"):
            source = (ROOT / line.split()[1]).read_text("utf-8")
            for option in re.findall(r"--[\w-]+", line):
                assert f'"{option}"' in source, line
        if line.startswith("make "):
            assert re.search(rf"^{line.split()[1]}:", (ROOT / "Makefile").read_text("utf-8"), flags=re.MULTILINE), line
    for name in re.findall(rf"`((?:{ROOMS})/[\w/.-]+)`", text):
        assert (ROOT / name).exists() or list(ROOT.glob(f"{name}.*")), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_bench_command_is_named_beside_its_figures(language):
    said = "".join(text_of(one if language == "en" else vietnamese(one)) for one in ENGLISH)
    assert not [name for name in BENCH if f"bench/{name}" not in said]


@cache
def settings():
    """The text of every file that reads settings or hands them on."""
    files = [*ROOT.glob("app/*.py"), *ROOT.glob("tests/**/*.py"), ROOT / "docker-compose.yml", ROOT / ".env.example"]
    return "".join(one.read_text("utf-8") for one in files if one != Path(__file__))


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_every_setting_named_is_read_somewhere(path):
    named = set(re.findall(r"MES_[A-Z0-9_]+", text_of(path)))
    assert not sorted(name for name in named if name not in settings())


@pytest.mark.parametrize("document", ["commands.md", "commands.vi.md"])
def test_every_setting_of_the_environment_is_documented(document):
    read = set(re.findall(r"MES_[A-Z_]+", (ROOT / "app" / "settings.py").read_text("utf-8")))
    assert not sorted(name for name in read if f"`{name}`" not in text_of(ROOT / "docs" / document))


@pytest.mark.parametrize("document", ["board.md", "board.vi.md"])
def test_the_pages_of_the_board_are_those_of_its_guide(document):
    listed = re.findall(r"^\| [^|]+ \| `(/\w*)` \|", text_of(ROOT / "docs" / document), flags=re.MULTILINE)
    assert sorted(listed) == sorted({page.path for page in PAGES} | {"/", "/health", "/report", "/desk"})
    assert not [page.path for page in pages() if f"`{page.path}`" not in text_of(ROOT / "docs" / document)]
    titles = catalogue("vi" if ".vi." in document else "en")
    for page in PAGES:
        assert f"\n## {titles[f'{page.name}.title']}\n" in text_of(ROOT / "docs" / document)


@pytest.mark.parametrize("document", ["grafana.md", "grafana.vi.md"])
def test_the_dashboards_are_those_of_their_guide(document):
    text = text_of(ROOT / "docs" / document)
    assert re.findall(r"^\| (\d+) \|", text, flags=re.MULTILINE) == [str(n + 1) for n in range(len(BOARDS))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_lesson_points_at_stands_on_the_screen(language):
    """In the lesson what is bold is a story, or a word of the board."""
    text = text_of(ROOT / "docs" / ("teach.md" if language == "en" else "teach.vi.md"))
    shown = {*catalogue(language).values(), *(getattr(load_story(name).title, language) for name in story_names())}
    assert [one for one in re.findall(r"\*\*([^*]+)\*\*", text) if one not in shown] == []
