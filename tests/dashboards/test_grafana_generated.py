"""The committed dashboards are what the code makes, keep our rules, and say everything in both languages."""

import json
import re

import pytest

from app.dashboards import GENERATED, PROVISIONED, boards
from contract.states import REASONS, Category, State
from dashboards.grafana import alerts, look, provisioning
from dashboards.grafana.build import BOARDS, dashboards
from dashboards.grafana.lint import SEVERITY, marks, panels, problems
from dashboards.words import LANGUAGES, grafana

EN = grafana("en")


def test_generated_files_are_not_stale():
    made = {GENERATED / name: text for name, text in dashboards().items()}
    made |= {PROVISIONED / name: text for name, text in provisioning.files().items()}
    present = {path for folder in (GENERATED, PROVISIONED) for path in folder.rglob("*") if path.is_file()}
    assert present == made.keys()
    stale = [path.name for path, text in made.items() if path.read_text("utf-8") != text]
    assert not stale, "run `mes dashboards build`"


def test_the_dashboards_keep_our_rules():
    assert problems(boards()) == []
    assert set(boards()) == {f"{language}/{name}.json" for language in LANGUAGES for name in BOARDS}


def test_lint_and_look_mean_the_same_colours():
    assert SEVERITY == look.SEVERITY


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_word_with_the_same_places(language):
    words = grafana(language)
    assert words.keys() == EN.keys()
    for key, text in words.items():
        assert text.strip()
        assert set(re.findall(r"\{\{[^}]*\}\}", text)) == set(re.findall(r"\{\{[^}]*\}\}", EN[key])), key


def test_every_word_is_used(monkeypatch):
    used = set()

    class Words(dict):
        def __getitem__(self, key):
            used.add(key)
            return super().__getitem__(key)

    for module in ("dashboards.grafana.sheet", "dashboards.grafana.alerts", "dashboards.grafana.provisioning"):
        monkeypatch.setattr(f"{module}.grafana", lambda language: Words(grafana(language)))
    dashboards()
    provisioning.files()
    assert EN.keys() - used == set()


def test_vietnamese_dashboards_differ_from_the_english_only_in_words():
    for name in BOARDS:
        one, other = (boards()[f"{language}/{name}.json"] for language in LANGUAGES)
        asked = [
            [
                [target["query"].replace("reason_vi", "reason_en") for target in panel.get("targets", [])]
                for panel in panels(each)
            ]
            + [mark["target"]["query"].replace("text_vi", "text_en") for mark in marks(each)]
            for each in (one, other)
        ]
        assert asked[0] == asked[1], "but for the language in which a machine's own reasons are called"
        assert one["title"] != other["title"] or name == "oee"


def test_states_categories_and_reasons_have_words_in_both_languages():
    for language in LANGUAGES:
        words = grafana(language)
        assert look.categories(language).options.keys() == set(Category)
        assert look.reasons(language).options.keys() == REASONS.keys()
        assert look.states(lambda key, words=words: words[f"grafana.{key}"]).options.keys() == set(State)


def test_provisioning_is_whole():
    files = {name: json.loads(text) for name, text in provisioning.files().items()}
    uids = {one["uid"] for one in files["datasources/mes.yaml"]["datasources"]}
    assert uids == {"mes-influx", "mes-influx-hourly"}
    rules = [rule for group in files["alerting/rules.yaml"]["groups"] for rule in group["rules"]]
    assert len({rule["uid"] for rule in rules}) == len(alerts.RULES) * len(LANGUAGES)
    assert all(len(rule["uid"]) <= 40 for rule in rules), "a uid of Grafana has at most 40 letters"
    receivers = {point["name"] for point in files["alerting/contact-points.yaml"]["contactPoints"]}
    assert {route["receiver"] for route in files["alerting/policies.yaml"]["policies"][0]["routes"]} == receivers
    for text in (json.dumps(rules), json.dumps(files["alerting/contact-points.yaml"])):
        assert not re.findall(r"\{\{[^}]*\$", text), "Grafana would take it for an environment variable"
