"""InfluxDB's set-up, run as its container runs it, against a server that answers as 2.7's API is documented.

No InfluxDB 2 is to be had from Debian: with MES_TEST_INFLUXD2, the path of its influxd, a real one is set up too.
"""

import json
import os
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from composed import ROOT
from influx_server import OwnInflux2

SCRIPT = ROOT / "deploy/influxdb_setup.py"
ORG = "0000000000000001"


class Database:
    """What a 2.7 keeps: one organisation, its buckets, mappings and tokens."""

    def __init__(self):
        self.org, self.first = "", {}
        self.buckets, self.mappings, self.tokens, self.log = [{"id": "b0", "name": "_tasks"}], [], {}, []

    def answer(self, method, path, asked, body, token):
        name = path.removeprefix("/api/v2/")
        if name != "setup" and token not in self.tokens:
            return 401, {"code": "unauthorized", "message": "unauthorized access"}
        if name != "setup" and "admin" not in self.tokens[token]["description"]:
            # Others are shown nothing, but they are known.
            return 200, {name: []}
        if method == "POST":
            self.log.append(name)
        return getattr(self, f"{method.lower()}_{name}")(asked, body)

    def get_setup(self, *_):
        return 200, {"allowed": not self.org}

    def post_setup(self, _, body):
        if self.org:
            return 422, {"code": "conflict", "message": "onboarding has already been completed"}
        self.org, self.first = body["org"], body
        self.tokens[body["token"]] = {"description": "admin's Token", "permissions": ["all"]}
        return self.post_buckets({}, {"name": body["bucket"], "seconds": body["retentionPeriodSeconds"]})

    def get_orgs(self, asked, _):
        if asked["org"] != self.org:
            return 404, {"code": "not found", "message": f'organization name "{asked["org"]}" not found'}
        return 200, {"orgs": [{"id": ORG, "name": self.org}]}

    def get_buckets(self, asked, _):
        assert asked == {"orgID": ORG, "limit": "100"}
        return 200, {"buckets": self.buckets}

    def post_buckets(self, _, body):
        self.buckets.append({**body, "id": f"b{len(self.buckets)}"})
        return 201, self.buckets[-1]

    def get_dbrps(self, asked, _):
        virtual = [{"bucketID": one["id"], "database": one["name"], "virtual": True} for one in self.buckets]
        return 200, {"content": [one for one in self.mappings + virtual if one["database"] == asked["db"]]}

    def post_dbrps(self, _, body):
        self.mappings.append(body)
        return 201, body

    def post_authorizations(self, _, body):
        token = f"token-{len(self.tokens)}=="
        self.tokens[token] = body
        return 201, {**body, "token": token}

    def may(self, token):
        """(action, bucket name) that a token allows."""
        names = {one["id"]: one["name"] for one in self.buckets}
        return {(one["action"], names[one["resource"]["id"]]) for one in self.tokens[token]["permissions"]}


@contextmanager
def serving(database):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            parts = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            length = int(self.headers.get("Content-Length", 0))
            body = json.loads(self.rfile.read(length)) if length else None
            token = self.headers["Authorization"].removeprefix("Token ")
            status, said = database.answer(self.command, parts.path, asked, body, token)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(said).encode())

        do_POST = do_GET  # noqa: N815 - what http.server calls

        def log_message(self, *_):
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def secrets(tmp_path):
    for name in ("influxdb/admin_password", "influxdb/admin_token", "tokens/collector", "tokens/grafana"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"made-{name}" if name.startswith("influxdb") else "")
        file.chmod(0o600 if name.startswith("influxdb") else 0o640)
    return tmp_path


def run(url, secrets, **more):
    said = {"URL": url, "ORG": "acme", "BUCKET": "plant", "KEEP_DAYS": "0"} | more
    environment = {f"MES_INFLUX_{name}": value for name, value in said.items()}
    return subprocess.run(
        [sys.executable, SCRIPT, secrets], env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def token(secrets, reader):
    return (secrets / "tokens" / reader).read_text().strip()


def test_a_new_database_gets_all_that_is_needed(secrets):
    database = Database()
    with serving(database) as url:
        done = run(url, secrets, KEEP_DAYS="30")
    assert done.returncode == 0, done.stderr
    assert database.org == "acme"
    assert (database.first["username"], database.first["password"]) == ("admin", "made-influxdb/admin_password")
    assert database.first["retentionPeriodSeconds"] == 30 * 24 * 3600
    assert [one["name"] for one in database.buckets] == ["_tasks", "plant", "plant_hourly"]
    assert database.buckets[-1]["retentionRules"] == []
    assert [(one["database"], one["retention_policy"], one["default"]) for one in database.mappings] == [
        ("plant", "autogen", True),
        ("plant_hourly", "autogen", True),
    ]
    assert database.may(token(secrets, "collector")) == {("write", "plant"), ("write", "plant_hourly")}
    assert database.may(token(secrets, "grafana")) == {("read", "plant"), ("read", "plant_hourly")}
    assert (secrets / "tokens/collector").stat().st_mode & 0o777 == 0o640
    shown = done.stdout + done.stderr
    assert not [secret for secret in (*database.tokens, database.first["password"]) if secret in shown]


def test_a_second_start_makes_nothing(secrets):
    database = Database()
    with serving(database) as url:
        run(url, secrets)
        before, made = (token(secrets, "collector"), token(secrets, "grafana")), list(database.log)
        done = run(url, secrets)
    assert (done.returncode, done.stdout, database.log) == (0, "", made)
    assert (token(secrets, "collector"), token(secrets, "grafana")) == before


def test_what_was_lost_is_made_again(secrets):
    database = Database()
    with serving(database) as url:
        run(url, secrets)
        kept = token(secrets, "grafana")
        (secrets / "tokens/collector").write_text("of a database that is gone")
        database.mappings.pop()
        done = run(url, secrets)
    assert done.stdout.splitlines() == [
        "made database plant_hourly for InfluxQL",
        "made a token for collector that may write",
    ]
    assert database.may(token(secrets, "collector")) == {("write", "plant"), ("write", "plant_hourly")}
    assert token(secrets, "grafana") == kept


@pytest.mark.parametrize(
    ("prepare", "more", "said"),
    [
        (lambda secrets: (secrets / "influxdb/admin_token").write_text("another"), {}, "Put the volumes"),
        (lambda secrets: (secrets / "influxdb/admin_token").unlink(), {}, "did secrets.sh run?"),
        (lambda _: None, {"KEEP_DAYS": "a week"}, "write a whole number of days"),
        (lambda _: None, {"BUCKET": ""}, "MES_INFLUX_BUCKET is not set"),
        (lambda _: None, {"ORG": "other"}, "not found"),
        (lambda _: None, {"URL": "http://127.0.0.1:1"}, "is it running?"),
    ],
)
def test_what_is_wrong_is_one_line(secrets, prepare, more, said):
    with serving(Database()) as url:
        assert run(url, secrets).returncode == 0
        prepare(secrets)
        done = run(**{"url": url, "secrets": secrets} | more) if "URL" not in more else run(more["URL"], secrets)
    assert done.returncode == 1
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.fixture
def empty_one(tmp_path):
    """A real influxd of 2.x that nobody has set up."""
    if not os.environ.get("MES_TEST_INFLUXD2"):
        pytest.skip("MES_TEST_INFLUXD2 names no influxd of 2.x")
    server = OwnInflux2(tmp_path / "influxd")
    server.launch()
    yield server
    server.stop()


@pytest.mark.influx
def test_a_real_one_is_set_up_once(empty_one, secrets):
    first, second = run(empty_one.url, secrets, KEEP_DAYS="30"), run(empty_one.url, secrets, KEEP_DAYS="30")
    assert first.returncode == second.returncode == 0, first.stderr + second.stderr
    assert "a token for grafana" in first.stdout
    assert not second.stdout
    empty_one.token = (secrets / "influxdb/admin_token").read_text()
    kept = {one["name"]: one["retentionRules"][0] for one in empty_one.call("GET", "/api/v2/buckets")["buckets"]}
    assert [kept[name]["everySeconds"] for name in ("plant", "plant_hourly")] == [30 * 24 * 3600, 0]


@pytest.mark.influx
def test_the_tokens_of_a_real_one_may_what_they_need_and_no_more(empty_one, secrets):
    run(empty_one.url, secrets)
    for reader in ("collector", "grafana"):
        empty_one.token = token(secrets, reader)
        for bucket in ("plant", "plant_hourly"):
            body, where = b"m v=1i 1700000000000000", f"/api/v2/write?org=acme&bucket={bucket}&precision=us"
            headers = {"Authorization": f"Token {empty_one.token}"}
            request = urllib.request.Request(empty_one.url + where, body, headers)
            if reader == "collector":
                urllib.request.urlopen(request, timeout=30).close()
                with pytest.raises(AssertionError, match="database not found"):
                    asked(empty_one, bucket)
            else:
                with pytest.raises(urllib.error.HTTPError, match="403"):
                    urllib.request.urlopen(request, timeout=30)
                assert asked(empty_one, bucket) == [[1700000000000000, 1]]


def asked(server, bucket):
    """The points of ``m``."""
    query = urlencode({"db": bucket, "q": "SELECT v FROM m", "epoch": "u"})
    [result] = server.call("GET", f"/query?{query}")["results"]
    assert "error" not in result, result["error"]
    return result["series"][0]["values"]
