"""Leaving while something waits: prompt, and it is said how much, why, and what becomes of it."""

import socket
import time
from contextlib import closing

import pytest
from servers import until

from app.influx import sending
from collector.influx import LEAVE_S
from collector.influx_client import InfluxSettings
from collector.intake import Intake
from collector.journal import Journal
from contract.instants import MINUTE_US
from simulator.engine import Factory
from simulator.plant_file import load_plant


@pytest.fixture
def journal(tmp_path):
    with closing(Journal.open(tmp_path / "mes.db", spool=True)) as opened:
        plant, intake = load_plant("smt"), Intake()
        factory = Factory(plant, 1, plant.default_start_us, keep_truth=False)
        for path, event in factory.run_until(factory.start_us + 10 * MINUTE_US):
            intake.feed_events(path, (event,))
        opened.commit(intake.drain())
        yield opened


@pytest.fixture
def silent():
    """An address where somebody listens and never answers, as a frozen database does."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        yield f"http://127.0.0.1:{door.getsockname()[1]}"


@pytest.mark.usefixtures("journal")
@pytest.mark.parametrize(("is_kept", "fate"), [(True, "the next start sends them"), (False, "with the demo's store")])
def test_a_database_that_does_not_answer_holds_nobody_up(tmp_path, silent, capsys, is_kept, fate):
    with sending(InfluxSettings(silent), tmp_path / "mes.db", is_kept=is_kept):
        began_s = time.monotonic()
    assert time.monotonic() - began_s < LEAVE_S + 1
    said = " ".join(capsys.readouterr().err.split())
    assert "changes were not sent (InfluxDB at" in said
    assert "is slow to answer" in said
    assert fate in said


@pytest.mark.usefixtures("journal")
def test_one_that_is_gone_is_named_as_what_it_is(tmp_path, capsys):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    with sending(InfluxSettings(url), tmp_path / "mes.db") as sender:
        until(lambda: sender.stats.trouble, "it to be missed")
    said = " ".join(capsys.readouterr().err.split())
    assert "does not answer" in said
    assert "correct --influx-url" in said
    assert "the next start sends them" in said


@pytest.mark.usefixtures("journal")
def test_where_nothing_waits_nothing_is_said(tmp_path, capsys):
    with sending(None, tmp_path / "mes.db") as sender:
        assert sender is None
    assert not capsys.readouterr().err
