"""The deployment's broker and users, on this machine instead of in containers."""

import subprocess

from composed import AS_ROOT, ROOT
from servers import DEADLINE_S, free_port, listens, require, until

_PASSWORDS = {"health": "mosquitto/health_password"}


def as_user(user):
    """How a command starts that runs as ``user``, a number without a name; where we are not root, as ourselves."""
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--no-new-privs"] if AS_ROOT else []


class Deployed:
    """The broker as its container starts it, on a port of this test's."""

    def __init__(self, folder):
        self.port, self.secrets, self._data = free_port(), folder / "secrets", folder / "data"
        self._binary, self._config = require("mosquitto", "mosquitto"), folder / "mosquitto.conf"
        subprocess.run(["sh", ROOT / "deploy/secrets.sh", self.secrets], check=True, capture_output=True, timeout=60)
        self._data.mkdir()
        access = folder / "acl"
        access.write_bytes((ROOT / "deploy/acl").read_bytes())
        text = (ROOT / "deploy/mosquitto.conf").read_text("utf-8")
        for theirs, ours in {
            "listener 1883\n": f"listener {self.port} 127.0.0.1\n",
            "/secrets/": f"{self.secrets}/",
            "/mosquitto/config/acl": str(access),
            "/mosquitto/data/": f"{self._data}/",
        }.items():
            assert text.count(theirs) == 1, theirs
            text = text.replace(theirs, ours)
        self._config.write_text(text)
        if AS_ROOT:
            subprocess.run(["chown", "1883", self._data], check=True)

    def __enter__(self):
        self.process = subprocess.Popen([*as_user(1883), self._binary, "-c", self._config])
        until(lambda: listens(self.port), "mosquitto to listen")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(DEADLINE_S)

    def password(self, role):
        return (self.secrets / _PASSWORDS.get(role, f"{role}/broker_password")).read_text()
