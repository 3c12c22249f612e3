"""What is said at start of databases of every version: made-up ones that answer as documented, and a real one."""

import json
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import pytest
from influx_gate import Gate

from app.influx_setup import set_up
from collector.influx_client import InfluxSettings
from contract.errors import InfluxError

NOBODY = "http://127.0.0.1:1"


class Version2:
    """The parts of 2.x's API that matter: organisations, buckets, mappings, writes; a token with rights."""

    version, shows = "v2.7.12", True

    def __init__(self, *, buckets=(), may_make=True, maps=True):
        self.buckets, self.mapped, self.may_make, self.maps, self.lines = list(buckets), [], may_make, maps, []

    def answer(self, path, body, token):
        parts = urlsplit(path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/ping":
            return 204, {}
        if token != "Token right":
            return 401, {"code": "unauthorized", "message": "unauthorized access"}
        if asked.get("org", "acme") != "acme":
            return 404, {"code": "not found", "message": 'organization name "other" not found'}
        return getattr(self, parts.path.replace("/api/v2/", "on_"))(asked, body)

    def on_orgs(self, *_):
        return 200, {"orgs": [{"id": "0000000000000001", "name": "acme"}]}

    def on_buckets(self, asked, body):
        if body:
            name = json.loads(body)["name"]
            if not self.may_make:
                return 403, {"code": "forbidden", "message": "insufficient permissions"}
            self.buckets.append(name)
            return 201, self.bucket(name)
        if asked["name"] not in self.buckets:
            return 404, {"code": "not found", "message": f'bucket "{asked["name"]}" not found'}
        return 200, {"buckets": [self.bucket(asked["name"])] if self.shows else []}

    def bucket(self, name):
        return {"id": f"id-{name}", "orgID": "0000000000000001", "name": name}

    def on_dbrps(self, asked, body):
        if body:
            self.mapped.append(json.loads(body)["database"])
            return 201, {}
        return 200, {"content": [] if self.maps and asked["db"] not in self.mapped else [{"virtual": True}]}

    def on_write(self, asked, body):
        if asked["bucket"] not in self.buckets:
            return 404, {"code": "not found", "message": f'bucket "{asked["bucket"]}" not found'}
        self.lines.append(body)
        return 204, {}


class WriteOnly(Version2):
    """2.x for a token that may write to its buckets and do nothing else: it sees none of them, nor whose they are."""

    shows = False

    def __init__(self, *, orgs_status=200, **more):
        super().__init__(**more)
        self.orgs_status = orgs_status

    def on_orgs(self, *_):
        return self.orgs_status, {"orgs": []} if self.orgs_status == 200 else {"message": "unauthorized access"}


class Version3(Version2):
    """3.x makes databases as they are written to, and has no organisations."""

    version = "3.2.1"

    def answer(self, path, body, token):
        return super().answer(path.replace("org=-&", "").replace("&org=-", ""), body, token)

    def on_write(self, asked, body):
        self.buckets.append(asked["bucket"])
        return super().on_write(asked, body)


@contextmanager
def server(database):
    with Gate(NOBODY) as gate:

        def mood(path, body, token):
            status, said = database.answer(path, body, token)
            return status, {"X-Influxdb-Version": database.version}, json.dumps(said).encode()

        gate.instead = mood
        yield gate.url


def settings(url, **other):
    return InfluxSettings(**{"url": url, "bucket": "mes", "org": "acme", "token": "right"} | other)


def test_version_2_gets_what_is_missing():
    database = Version2()
    with server(database) as url:
        found = set_up(settings(url), 7)
        set_up(settings(url), 8)
    assert found.version == "v2.7.12"
    assert database.buckets == database.mapped == ["mes", "mes_hourly"]
    assert database.lines == [b"collector waiting=0i,refused=0i,written=0i %d" % at for at in (7, 8)]


def test_version_2_that_maps_by_itself_is_left_alone():
    database = Version2(buckets=["mes", "mes_hourly"], may_make=False, maps=False)
    with server(database) as url:
        assert set_up(settings(url), 7).version
    assert database.mapped == []


@pytest.mark.parametrize("status", [200, 401, 403, 404])
def test_a_token_that_only_writes_is_enough(status):
    database = WriteOnly(buckets=["mes", "mes_hourly"], orgs_status=status)
    with server(database) as url:
        assert set_up(settings(url), 7).version
    assert database.lines


def test_version_3_makes_its_databases_itself():
    database = Version3()
    with server(database) as url:
        assert set_up(settings(url, org=""), 7).version == "3.2.1"
    assert database.lines


@pytest.mark.parametrize(
    ("database", "wrong", "mend"),
    [
        (Version2(), {"token": "other"}, "--influx-token-file"),
        (Version2(), {"token": ""}, "--influx-token-file"),
        (Version2(), {"org": "other"}, "--influx-org"),
        (Version2(), {"org": ""}, "--influx-org"),
        (Version2(may_make=False), {}, "this token may not make one: create it"),
        (WriteOnly(), {}, "has no bucket mes"),
        (Version3(), {"token": "other"}, "--influx-token-file"),
    ],
)
def test_wrong_settings_are_one_line_with_the_mend(database, wrong, mend):
    with server(database) as url, pytest.raises(InfluxError) as said:
        set_up(settings(url, **wrong), 7)
    assert mend in str(said.value)
    assert "\n" not in str(said.value)
    assert database.lines == []


def test_what_does_not_answer_is_no_mistake():
    found = set_up(settings(NOBODY), 7)
    assert (found.version, "does not answer" in found.said) == ("", True)
    database = Version2()
    database.answer = lambda *_: (503, {"message": "starting"})
    with server(database) as url:
        assert set_up(settings(url, org="acme"), 7).version == ""


def test_what_is_no_influxdb_is_named():
    database = Version2()
    database.version, database.answer = "", lambda *_: (200, {"hello": "world"})
    with server(database) as url, pytest.raises(InfluxError, match="is no InfluxDB"):
        set_up(settings(url), 7)


@pytest.mark.influx
def test_a_real_one_gets_its_buckets(influx):
    bucket = influx.bucket()
    found = set_up(InfluxSettings(influx.url, bucket, influx.org, influx.token), 7)
    assert found.version
    assert influx.query(bucket, "SELECT waiting FROM collector")[0][3] == [[7, 0]]
    assert influx.query(f"{bucket}_hourly", "SHOW MEASUREMENTS") == []


@pytest.mark.influx
@pytest.mark.parametrize(
    ("wrong", "mend"),
    [
        ({"token": "other"}, "--influx-token-file"),
        ({"org": "other"}, 'does not find it (organization name "other" not found): correct --influx-org'),
        ({"org": ""}, "--influx-org"),
    ],
    ids=["token", "organisation", "none"],
)
def test_what_is_wrong_with_a_real_one_of_version_2_is_named(influx, wrong, mend):
    if not influx.org:
        pytest.skip("of 1.x: it asks for no token and has no organisations (MES_TEST_INFLUXD2 names one that does)")
    with pytest.raises(InfluxError) as said:
        set_up(settings(influx.url, **{"org": influx.org, "token": influx.token} | wrong), 7)
    assert mend in str(said.value)
