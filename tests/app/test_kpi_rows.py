"""What ``mes kpi`` shows: rows and columns of every kind, of a store with two lines."""

import json

import pytest
from made_up_line import NOW_US, STATIONS, make_store
from typer.testing import CliRunner

from answers.live import downtime
from answers.report import line_reports
from answers.span import everything
from answers.store import Store
from app.cli import app
from app.kpi_rows import By
from app.kpi_table import COLUMNS, WIDE_COLUMNS, Definition
from contract.kpi import Kpis

LINES = ("acme/que-vo/smt/smt-1", "acme/que-vo/tht/tht-1")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("kpi") / "mes.db"
    make_store(path, NOW_US, line=LINES[0])
    return make_store(path, NOW_US - 3_600_000_000, STATIONS[:4], line=LINES[1])


def kpi(store, *args):
    done = CliRunner().invoke(app, ["kpi", "--store", str(store), *args])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.parametrize("definition", Definition)
@pytest.mark.parametrize("by", [by for by in By if by is not By.REASON])
def test_every_row_has_the_columns_of_its_definition(store, by, definition):
    text = kpi(store, "--by", by, "--definition", definition)
    rows = json.loads(kpi(store, "--by", by, "--json"))
    for head, field in COLUMNS[definition]:
        assert head in text
        for row in rows:
            value = row["kpis"][field]
            assert ("–" if value is None else f"{value * 100:.1f}") in text


def test_definitions_name_fields_there_are():
    named = {field for columns in (*COLUMNS.values(), *WIDE_COLUMNS.values()) for _, field in columns}
    assert named <= set(Kpis.__struct_fields__)


def test_a_roll_up_is_the_ratio_of_the_sums_of_its_lines(store):
    with Store.open(store) as opened:
        reports = line_reports(opened, LINES, everything(opened))
    [site] = json.loads(kpi(store, "--by", "site", "--json"))
    good, planned = (sum(getattr(one.losses, name) for one in reports) for name in ("good_ideal_us", "ppt_us"))
    assert (site["site"], site["lines"]) == ("acme/que-vo", list(LINES))
    assert site["kpis"]["oee"] == good / planned
    areas = json.loads(kpi(store, "--by", "area", "--json"))
    assert [area["area"] for area in areas] == ["acme/que-vo/smt", "acme/que-vo/tht"]
    assert [area["kpis"]["oee"] for area in areas] == [one.kpis.oee for one in reports]


def test_an_order_is_its_time_at_the_constraint_and_a_product_is_its_orders_together(store):
    orders = json.loads(kpi(store, "--by", "order", "--json"))
    lines = json.loads(kpi(store, "--by", "line", "--json"))
    assert [row["order"] for row in orders] == ["2026-118"] * 2
    for order, line in zip(orders, lines, strict=True):
        assert (order["line"], order["constraint"]) == (line["line"], line["constraint"])
        assert order["losses"]["good_ideal_us"] == line["losses"]["good_ideal_us"]  # all parts are of the one order
        assert (
            order["kpis"]["oee"] >= line["kpis"]["oee"]
        )  # before its first part and after its last is no order's time
        assert order["left"]["good"] == line["sums"]["exit_good"]
    [product] = json.loads(kpi(store, "--by", "product", "--json"))
    good, planned = (sum(one["losses"][name] for one in orders) for name in ("good_ideal_us", "ppt_us"))
    assert (product["product"], product["lines"], product["kpis"]["oee"]) == ("A17", list(LINES), good / planned)


def test_the_two_mistakes_are_shown_as_such(store):
    text = kpi(store)
    for row in json.loads(kpi(store, "--json")):
        mean, least = (f"{row['mistakes'][name] * 100:.1f}" for name in ("mean_oee", "min_oee"))
        assert f"{row['name']}: ✗ mean {mean} %, ✗ least {least} %" in text
    assert "mistakes" in text


def test_a_machine_says_its_first_pass_yield_and_how_long_it_was_the_bottleneck(store):
    rows = json.loads(kpi(store, "--by", "machine", "--json"))
    for row in rows:
        assert row["fpy"] == row["made"]["first_good"] / row["made"]["first"]
    first = [row["bottleneck"] for row in rows if row["machine"].startswith(LINES[0])]
    assert 0 < sum(one["sole"] for one in first) <= 1


def test_reasons_are_a_pareto_of_all_lines(store):
    found = json.loads(kpi(store, "--by", "reason", "--json"))
    lost = [one["lost_us"] for one in found]
    assert lost == sorted(lost, reverse=True)
    assert found[-1]["cumulative"] == 1
    with Store.open(store) as opened:
        span = everything(opened)
        assert len(found) == sum(len(downtime(opened, line, span)) for line in LINES)
    text = kpi(store, "--by", "reason")
    assert found[0]["reason_name"]["en"] in text
    assert "starved" not in {one["reason"] for one in found}
