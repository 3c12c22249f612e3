"""Both catalogues are complete, every word is used, and nothing a person reads is written anywhere else."""

import re
from importlib import resources

import pytest

from collector import intake, ledger, lines
from contract import codec
from contract.states import REASONS, Category, State
from dashboards.board.desk import WHYS
from dashboards.board.pages import pages
from dashboards.board.snapshot import STEPS
from dashboards.board.troubles import TROUBLES
from dashboards.words import LANGUAGES, catalogue

STATIC = resources.files("dashboards.board").joinpath("static")
SCRIPTS = {file.name: file.read_text("utf-8") for file in STATIC.iterdir() if file.name.endswith(".js")}
PAGES = {file.name: file.read_text("utf-8") for file in STATIC.iterdir() if file.name.endswith(".html")}
EN = catalogue("en")
_LITERAL = re.compile(r'"([a-z]+\.[a-z_]+)"')
_PREFIX = re.compile(r"`([a-z]+\.)\$\{")


def without_comments(script):
    return re.sub(r"^\s*//.*$|\s// .*$", "", script, flags=re.MULTILINE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_word(language):
    words = catalogue(language)
    assert set(words) == set(EN)
    assert all(text.strip() for text in words.values())


@pytest.mark.parametrize("key", EN)
def test_every_language_fills_the_same_places(key):
    places = {language: set(re.findall(r"\{(\w+)\}", catalogue(language)[key])) for language in LANGUAGES}
    assert len(set(map(frozenset, places.values()))) == 1, places


def test_every_word_asked_for_exists_and_every_word_is_asked_for():
    code = "\n".join(map(without_comments, SCRIPTS.values()))
    literal = (
        set(_LITERAL.findall(code))
        | set(re.findall(r"\{\{([a-z]+\.[\w.]+)\}\}", "".join(PAGES.values())))
        | {
            "stream.full",
            "host.refused",
            "refused.nothing",
            "refused.method",
            *(f"{page.name}.title" for page in pages()),
        }
    )
    asked = {key for key in literal if not key.startswith("current.")}
    prefixes = tuple(_PREFIX.findall(code))
    assert asked <= set(EN)
    assert {key for key in EN if key not in asked and not key.startswith(prefixes)} == set()


def test_whatever_the_store_can_say_has_a_word():
    for category in Category:
        assert f"category.{category}" in EN
    for reason in REASONS:
        assert f"reason.{reason}" in EN
    for step in STEPS:
        assert f"step.{step}" in EN
    for reason in codec.REASONS | ledger.REASONS | lines.REASONS | intake.REASONS:
        assert f"refusal.{reason}" in EN
        assert f"refusal.{reason}.hint" in EN
    for state in State:
        assert f"state.{state}" in EN
    for why in WHYS:
        assert f"why.{why}" in EN


def test_every_trouble_has_a_title_and_a_hint_and_no_other_is_told_of():
    said = {f"trouble.{reason}{part}" for reason in TROUBLES for part in ("", ".hint")}
    assert {key for key in EN if key.startswith("trouble.")} == said | {"trouble.again", "trouble.start"}


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_script_has_words_of_its_own(name):
    code = without_comments(SCRIPTS[name])
    assert not re.findall(r"""el\("\w+", (?:"[^"]*"|`[^`]*`), ["`]""", code)
    assert not re.findall(r"""put\([^,()]+, ["`][^"`]""", code)
    assert not re.findall(r"""(?:textContent|innerText|title) = ["`]""", code)
    assert "innerHTML" not in code
    assert not re.findall(r"[^\W\d_a-zA-Z]", code.replace("µ", "")), "letters that only people read"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_words_of_its_own(name):
    page = PAGES[name]
    text = re.sub(r"<[^>]+>", " ", re.sub(r"<!doctype html>", "", page))
    assert set(re.sub(r"\{\{[\w.]+\}\}", " ", text).split()) <= {"VI", "EN"}
    assert not re.findall(r'(?:alt|title|aria-label)="(?!\{\{)[^"]+"', page)
