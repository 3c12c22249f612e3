"""What `mes dashboards push` does to a Grafana, on a stand-in with the documented endpoints; no real one is here."""

import pytest
from fake_grafana import TOKEN, FakeGrafana
from servers import free_port

from app.dashboards import boards
from app.grafana_push import Grafana
from collector.influx_client import InfluxSettings
from contract.errors import MesError, UsageError
from dashboards.grafana import alerts
from dashboards.words import LANGUAGES

INFLUX = InfluxSettings("http://influxdb:8086", "factory", "", "")
POLICIES = "/api/v1/provisioning/policies"


@pytest.fixture
def grafana():
    with FakeGrafana() as running:
        yield running


def push(fake, influx=INFLUX, token=TOKEN, **kept):
    with Grafana(fake.url, token) as there:
        return list(there.push(boards(), influx, **kept))


def test_everything_arrives(grafana):
    said = push(grafana)
    assert "13.2.3" in said[0]
    kept = grafana.kept
    for path, board in boards().items():
        one = kept[f"/api/dashboards/uid/{board['uid']}"]
        assert one["meta"]["folderUid"] == f"mes-{path[:2]}"
    assert kept["/api/datasources/mes-influx"]["jsonData"]["dbName"] == "factory"
    assert kept["/api/datasources/mes-influx-hourly"]["jsonData"]["dbName"] == "factory_hourly"
    rules = [one for key, one in kept.items() if "/alert-rules/" in key]
    assert len(rules) == len(alerts.RULES) * len(LANGUAGES)
    assert {route["receiver"] for route in kept[POLICIES]["routes"]} == {"mes-en", "mes-vi"}
    assert "/api/v1/provisioning/templates/mes.vi" in kept


def test_pushing_again_changes_nothing(grafana):
    push(grafana)
    grafana.writes.clear()
    said = push(grafana)
    assert "changed: 0" in said[-1]
    assert {path for _, path in grafana.writes} <= {f"/api/v1/provisioning/templates/mes.{one}" for one in LANGUAGES}


def test_only_what_has_changed_is_written(grafana):
    push(grafana)
    grafana.writes.clear()
    grafana.kept["/api/dashboards/uid/mes-park-en"]["dashboard"]["title"] = "mine"
    rule = alerts.uid(alerts.RULES[0], "vi")
    grafana.kept[f"/api/v1/provisioning/alert-rules/{rule}"]["for"] = "9m"
    said = push(grafana)
    assert "dashboards: 22, changed: 1" in said
    assert ("PUT", f"/api/v1/provisioning/alert-rules/{rule}") in grafana.writes


def test_what_people_own_stays_theirs(grafana):
    push(grafana)
    contact = grafana.kept["/api/v1/provisioning/contact-points/mes-email-vi"]
    contact["settings"]["addresses"] = "line@factory.example"
    own = {"receiver": "ours", "object_matchers": []}
    grafana.kept[POLICIES]["routes"].insert(0, own)
    push(grafana)
    assert contact["settings"]["addresses"] == "line@factory.example"
    assert grafana.kept[POLICIES]["routes"][0] == own
    assert len(grafana.kept[POLICIES]["routes"]) == 3


def test_alerts_and_data_sources_can_be_left_out(grafana):
    push(grafana, influx=None, has_alerts=False)
    assert not [key for key in grafana.kept if "datasources" in key or "alert-rules" in key]


def test_a_token_goes_where_nobody_reads_it_again(grafana):
    push(grafana, influx=InfluxSettings("http://influxdb:8086", "factory", "", "s3cret"))
    assert "s3cret" not in str(grafana.kept)
    assert grafana.kept["/api/datasources/mes-influx"]["jsonData"]["httpHeaderName1"] == "Authorization"


@pytest.mark.parametrize(
    ("refuse", "said"),
    [
        ((403, "no"), "role Admin"),
        ((412, "someone else changed it"), "someone else changed it"),
        ((500, "database is locked"), "its own log"),
    ],
)
def test_a_refusal_is_explained(grafana, refuse, said):
    grafana.refuse = lambda method, _: refuse if method == "POST" else None
    with pytest.raises(MesError, match=said):
        push(grafana)


def test_a_wrong_token_is_said(grafana):
    with pytest.raises(MesError, match="does not know the token"):
        push(grafana, token="wrong")
    assert grafana.writes == []


def test_nobody_there_is_said():
    with Grafana(f"http://127.0.0.1:{free_port()}", TOKEN) as nobody, pytest.raises(MesError, match="does not answer"):
        list(nobody.push({}, None))


def test_another_server_is_not_taken_for_a_grafana(grafana):
    with Grafana(f"{grafana.url}/elsewhere", TOKEN) as there, pytest.raises(MesError, match="is not a Grafana"):
        list(there.push({}, None))


def test_an_address_that_cannot_be_one_is_said():
    with pytest.raises(UsageError, match="write it like"):
        Grafana("localhost:3000", TOKEN)


@pytest.mark.parametrize("url", ["nonsense", "ftp://127.0.0.1", "http://[::1", "http://127.0.0.1:3000?x=1"])
def test_what_is_no_address_of_a_grafana_is_said_with_the_right_form(url):
    with pytest.raises(UsageError, match=r"is not the address of a Grafana: write it like http://127\.0\.0\.1:3000"):
        Grafana(url, TOKEN)
