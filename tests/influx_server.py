"""A real InfluxDB for the tests: this machine's own behind nginx, or the one that the environment names.

Debian's InfluxDB is 1.6: nginx gives it the write path of 2.x, as 1.8 has by itself, and can demand a token.
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

    def command(self, text):
        self._ask("POST", "", text)

    def _ask(self, method, bucket, text):
        asked = urllib.parse.urlencode({"db": bucket, "q": text, "epoch": "u"})
        headers = {"Authorization": f"Token {self.token}"} if self.token else {}
        request = urllib.request.Request(f"{self.url}/query?{asked}", method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)


class ForeignInflux(AskedInflux):
    """The server that the environment names: it is only written to and asked."""

    def __init__(self):
        self.url = os.environ["MES_TEST_INFLUX_URL"]
        self.token, self.org = os.environ.get("MES_TEST_INFLUX_TOKEN", ""), os.environ.get("MES_TEST_INFLUX_ORG", "")
        self._prefix = os.environ.get("MES_TEST_INFLUX_BUCKET", "mes_test")

    def bucket(self):
        return f"{self._prefix}_{os.getpid()}_{next(_NAMES)}"


class OwnInflux(AskedInflux):
    """An influxd of this test's own behind an nginx of its own; both keep ports and data over a restart."""

    is_own = True

    def __init__(self, folder, token="", max_body="25m"):
        self._influxd, self._nginx = require("influxd", "influxdb"), require("nginx", "nginx-light")
        self.port, self._front, self.token = free_port(), free_port(), token
        self.url = f"http://127.0.0.1:{self._front}"
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._process, self._proxy = folder, None, None
        config = _INFLUXD.format(folder=folder, port=self.port, rpc=free_port())
        (folder / "influxdb.conf").write_text(config)
        self.limit(max_body)

    def limit(self, max_body):
        """How large a request nginx lets through; as of the next start."""
        demand = f'if ($http_authorization != "Token {self.token}") {{ return 401; }}' if self.token else ""
        names = {"folder": self._folder, "port": self.port, "front": self._front}
        (self._folder / "nginx.conf").write_text(_NGINX.format(**names, demand=demand, max_body=max_body))

    def start(self):
        environment = {**os.environ, "GOMAXPROCS": "2"}
        command = [self._influxd, "-config", str(self._folder / "influxdb.conf")]
        with (self._folder / "influxd.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        if self._proxy is None:
            config = str(self._folder / "nginx.conf")
            self._proxy = subprocess.Popen([self._nginx, "-c", config, "-p", str(self._folder)])
        until(lambda: listens(self.port) and listens(self._front), "influxd and nginx to listen")

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
        for process in (self._process, self._proxy):
            process.terminate()
        for process in (self._process, self._proxy):
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


def require_own(influx):
    """Skip where the server is not ours to stop."""
    if not influx.is_own:
        pytest.skip("the InfluxDB of the environment is not stopped by tests")
