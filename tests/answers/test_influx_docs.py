"""docs/influx is whole: every measurement, tag and field, and the series of the plants it names, in both languages."""

import re
from contextlib import closing
from pathlib import Path

import pytest

from answers.cardinality import series_bound
from answers.store import Store
from bench.points import factory_step
from collector.intake import Intake
from collector.journal import Journal
from contract.instants import MINUTE_US
from contract.points import HOURLY_SUFFIX, MEASUREMENTS
from simulator.engine import Factory
from simulator.plant_file import load_park

DOCS = sorted((Path(__file__).parent.parent.parent / "docs").glob("influx*.md"))
NAMED = re.compile(r"`([^`]+)`")


def rows(text):
    """(measurements, tags, fields) of each row of the tables of measurements."""
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if len(cells) == 3 and cells[0].startswith("`") and NAMED.findall(cells[0])[0] in MEASUREMENTS:
            yield tuple(set(NAMED.findall(cell)) for cell in cells)


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_every_measurement_tag_and_field_is_documented_and_no_other(path):
    told = {name: row for row in rows(path.read_text("utf-8")) for name in row[0]}
    assert told.keys() == MEASUREMENTS.keys()
    for name, measurement in MEASUREMENTS.items():
        _, tags, fields = told[name]
        assert tags == set(measurement.tags) - {"enterprise", "site", "area", "line", "machine"}, name
        assert fields - {"machine"} == set(measurement.fields), name


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_the_questions_are_the_same_in_both_languages_and_ask_for_what_there_is(path):
    texts = [re.search(r"```sql\n(.*?)```", each.read_text("utf-8"), re.DOTALL)[1] for each in DOCS]
    queries, others = ([line for line in text.splitlines() if not line.startswith("--")] for text in texts)
    assert queries == others
    assert len(queries) > 10
    for query in queries:
        measurement = MEASUREMENTS[re.search(r'FROM "(\w+)"', query)[1]]
        named = {name for name in re.findall(r'(?<!AS )"(\w+)"', query) if name != measurement.name}
        assert named <= {*measurement.tags, *measurement.fields}, query
    assert HOURLY_SUFFIX in path.read_text("utf-8")


@pytest.fixture(scope="module")
def bounds(tmp_path_factory):
    return {name: bound_of(name, tmp_path_factory.mktemp(name) / "mes.db") for name in ("phone", "park")}


def bound_of(name, path):
    """A minute is enough: all machines have said what they are."""
    park = load_park(name)
    factory, intake = Factory(park, 1, park.default_start_us, keep_truth=False), Intake()
    with closing(Journal.open(path)) as journal:
        factory_step(factory, factory.start_us + MINUTE_US, None, intake)
        intake.close()
        journal.commit(intake.drain())
    with Store.open(path) as store:
        return series_bound(store)


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_the_series_of_the_plants_named_are_those_of_the_formula(path, bounds):
    table = path.read_text("utf-8").partition("<!-- series -->\n")[2].partition("<!-- end of series -->")[0]
    told = {}
    for line in table.splitlines()[2:]:
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        told |= {name: tuple(int(re.sub(r"\D", "", cell)) for cell in cells[2:]) for name in NAMED.findall(cells[0])}
    assert told == {name: (bounds["phone"][name], bounds["park"][name]) for name in MEASUREMENTS}
