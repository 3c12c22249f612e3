"""The doctor finds what is wrong, and nothing where nothing is."""

import json
import socket

import pytest
from made_up_line import NOW_US, make_store
from servers import free_port
from typer.testing import CliRunner

from app import doctor
from app.cli import app
from contract.instants import SECOND_US


def ask(*args):
    done = CliRunner().invoke(app, ["doctor", "--json", *map(str, args)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return {one["what"]: one for one in json.loads(done.output)}, done.exit_code


@pytest.mark.mosquitto
def test_a_healthy_installation_is_said_to_be_so(mosquitto, tmp_path):
    store = make_store(tmp_path / "mes.db", NOW_US)
    found, code = ask("--broker", mosquitto.url, "--store", store, "--port", free_port())
    assert code == 0, found
    assert set(found) == {"Python", "disk", "store", "writing", "broker", "clock", "port"}
    assert all(one["ok"] and not one["mend"] for one in found.values())
    assert "comes back" in found["broker"]["said"]


def test_what_is_wrong_is_named_with_its_mend(tmp_path):
    broken = tmp_path / "mes.db"
    broken.write_bytes(b"not a store at all" * 100)
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        found, code = ask("--broker", "mqtt://127.0.0.1:1", "--store", broken, "--port", port)
    assert code == 1
    assert {what for what, one in found.items() if not one["ok"]} == {"store", "broker", "port"}
    assert all(one["mend"] for one in found.values() if not one["ok"])
    assert "mes broker" in found["broker"]["mend"]


def test_a_page_gone_bad_inside_the_store_is_found(tmp_path):
    store = make_store(tmp_path / "mes.db", NOW_US)
    with store.open("r+b") as file:
        file.seek(store.stat().st_size // 2)
        file.write(b"\xff" * 8192)
    found, code = ask("--store", store)
    assert (code, found["store"]["ok"]) == (1, False)


def test_what_listens_but_is_no_broker_is_found():
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        found, code = ask("--broker", f"mqtt://127.0.0.1:{mute.getsockname()[1]}")
    assert code == 1
    assert "does not answer as an MQTT broker" in found["broker"]["said"]


def test_no_store_yet_is_no_fault(tmp_path):
    found, code = ask("--store", tmp_path / "none.db")
    assert code == 0
    assert "mes collect" in found["store"]["said"]


def test_a_clock_behind_what_machines_said_is_wrong():
    assert doctor.check_clock(NOW_US + 60 * 86_400 * SECOND_US, NOW_US).ok
    assert doctor.check_clock(NOW_US, NOW_US + 59 * SECOND_US).ok
    assert "120 s ahead" in doctor.check_clock(NOW_US, NOW_US + 120 * SECOND_US).said
    assert not doctor.check_clock(SECOND_US, None).ok


def test_people_get_words(tmp_path):
    done = CliRunner().invoke(app, ["doctor", "--broker", "mqtt://127.0.0.1:1"])
    assert done.exit_code == 1
    assert "✓ Python" in done.output
    assert "→ start it with" in done.output
