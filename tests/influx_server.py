"""A real InfluxDB for the tests: this machine's own behind nginx, or what the environment names.

Debian's InfluxDB is 1.6: nginx gives it the write path of 2.x, as 1.8 has by itself, and can demand a token.
MES_TEST_INFLUXD2 is the path of an influxd of 2.x to start instead; MES_TEST_INFLUX_URL (_TOKEN, _ORG, _BUCKET) a
server that runs, with _ORG one of 2.x: it is only written to and asked.
"""

import itertools
import json
import os
import signal
import subprocess
import urllib.error
import urllib.parse
import urllib.request

import pytest
from servers import DEADLINE_S, free_port, listens, require, until

_NAMES = itertools.count(1)
_INFLUXD = """
reporting-disabled = true
bind-address = "127.0.0.1:{rpc}"
[meta]
  dir = "{folder}/meta"
  logging-enabled = false
[data]
  dir = "{folder}/data"
  wal-dir = "{folder}/wal"
  query-log-enabled = false
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:{port}"
  log-enabled = false
[logging]
  level = "error"
"""
_NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  client_body_buffer_size 4m;
  client_max_body_size {max_body};
  map $arg_precision $short {{ us u; default $arg_precision; }}
  server {{
    listen 127.0.0.1:{front};
    location / {{ {demand} proxy_pass http://127.0.0.1:{port}; proxy_set_header Authorization ""; }}
    location = /ping {{ proxy_pass http://127.0.0.1:{port}; }}
    location = /api/v2/write {{
      {demand}
      proxy_set_header Authorization "";
      proxy_pass http://127.0.0.1:{port}/write?db=$arg_bucket&precision=$short;
    }}
  }}
}}
"""


class AskedInflux:
    """What tests ask any InfluxDB: InfluxQL over a bucket, and a bucket of the test's own."""

    url = token = org = ""
    is_own = False

    def bucket(self):
        """A name nobody has used; whoever writes to it makes it."""
        return f"mes_test_{os.getpid()}_{next(_NAMES)}"

    def query(self, bucket, text):
        """The series of an InfluxQL answer: (name, tags, columns, values)."""
        return [
            (one["name"], one.get("tags", {}), one["columns"], one["values"])
            for result in self._ask("GET", bucket, text)["results"]
            for one in result.get("series", ())
        ]

    def create(self, name, days=0):
        """A database of 1.x or, where there are organisations, a bucket of 2.x; what is older than ``days`` goes."""
        if not self.org:
            self._ask("POST", "", f'CREATE DATABASE "{name}"' + (f" WITH DURATION {days}d" if days else ""))
            return
        rules = [{"type": "expire", "everySeconds": days * 86_400}] if days else []
        [org] = self.call("GET", f"/api/v2/orgs?{urllib.parse.urlencode({'org': self.org})}")["orgs"]
        self.call("POST", "/api/v2/buckets", {"orgID": org["id"], "name": name, "retentionRules": rules})

    def call(self, method, path, body=None):
        """One request and its JSON."""
        headers = {"Authorization": f"Token {self.token}"} if self.token else {}
        data = None
        if body is not None:
            headers["Content-Type"], data = "application/json", json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def _ask(self, method, bucket, text):
        return self.call(method, f"/query?{urllib.parse.urlencode({'db': bucket, 'q': text, 'epoch': 'u'})}")


class ForeignInflux(AskedInflux):
    """The server that the environment names: it is only written to and asked."""

    def __init__(self):
        self.url = os.environ["MES_TEST_INFLUX_URL"]
        self.token, self.org = os.environ.get("MES_TEST_INFLUX_TOKEN", ""), os.environ.get("MES_TEST_INFLUX_ORG", "")
        self._prefix = os.environ.get("MES_TEST_INFLUX_BUCKET", "mes_test")

    def bucket(self):
        return f"{self._prefix}_{os.getpid()}_{next(_NAMES)}"


class StartedInflux(AskedInflux):
    """An influxd of this test's own; it keeps port and data over a restart."""

    is_own = True
    _process = _proxy = None

    def start(self):
        """Begin, or begin again."""
        raise NotImplementedError

    def run(self, command):
        with (self._folder / "influxd.log").open("ab") as log:
            environment = {**os.environ, "GOMAXPROCS": "2"}
            self._process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)

    def kill(self):
        """As when the power fails, but for the disk."""
        self._process.kill()
        self._process.wait(DEADLINE_S)

    def freeze(self):
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self._process.send_signal(signal.SIGCONT)

    def stop(self):
        self.thaw()
        processes = [process for process in (self._process, self._proxy) if process]
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(DEADLINE_S)
            except subprocess.TimeoutExpired:
                # It writes what it has in memory; a test's data is thrown away.
                process.kill()
                process.wait(DEADLINE_S)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()


class OwnInflux2(StartedInflux):
    """Of 2.x, with an organisation of its own, and a token that may do everything."""

    org = "acme"

    def __init__(self, folder, token="all"):
        self.port, self.token = free_port(), token
        self.url = f"http://127.0.0.1:{self.port}"
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    def launch(self):
        """As it comes: with nobody's organisation in it."""
        paths = [f"--{name}-path={self._folder / name}" for name in ("bolt", "sqlite", "engine")]
        quiet = ["--reporting-disabled", "--log-level=error", f"--http-bind-address=127.0.0.1:{self.port}"]
        self.run([os.environ["MES_TEST_INFLUXD2"], "run", *paths, *quiet])
        until(lambda: listens(self.port), "influxd to listen")

    def start(self):
        self.launch()
        if self.call("GET", "/api/v2/setup")["allowed"]:
            first = {"username": "admin", "password": "of-this-test", "token": self.token}
            self.call("POST", "/api/v2/setup", {**first, "org": self.org, "bucket": "first"})


class OwnInflux(StartedInflux):
    """Of this machine, behind an nginx of its own, which keeps its port too."""

    def __init__(self, folder, token="", max_body="25m"):
        self._influxd, self._nginx = require("influxd", "influxdb"), require("nginx", "nginx-light")
        self.port, self._front, self.token = free_port(), free_port(), token
        self.url = f"http://127.0.0.1:{self._front}"
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        config = _INFLUXD.format(folder=folder, port=self.port, rpc=free_port())
        (folder / "influxdb.conf").write_text(config)
        self.limit(max_body)

    def limit(self, max_body):
        """How large a request nginx lets through; as of the next start."""
        demand = f'if ($http_authorization != "Token {self.token}") {{ return 401; }}' if self.token else ""
        names = {"folder": self._folder, "port": self.port, "front": self._front}
        (self._folder / "nginx.conf").write_text(_NGINX.format(**names, demand=demand, max_body=max_body))

    def start(self):
        self.run([self._influxd, "-config", str(self._folder / "influxdb.conf")])
        if self._proxy is None:
            config = str(self._folder / "nginx.conf")
            self._proxy = subprocess.Popen([self._nginx, "-c", config, "-p", str(self._folder)])
        until(lambda: listens(self.port) and listens(self._front), "influxd and nginx to listen")


def own_influx(folder, token=""):
    """The kind that the environment names, or this machine's."""
    return OwnInflux2(folder, token or "all") if os.environ.get("MES_TEST_INFLUXD2") else OwnInflux(folder, token)


def require_own(influx):
    """Skip where the server is not ours to stop."""
    if not influx.is_own:
        pytest.skip("the InfluxDB of the environment is not stopped by tests")
