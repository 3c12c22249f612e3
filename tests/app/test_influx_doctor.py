"""What the doctor and Prometheus say of sending: how much waits, what is wrong since when, what was refused."""

from contextlib import closing

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from app.influx_doctor import check_influx, check_sending
from app.metrics import Meter
from collector.influx import SenderStats
from collector.influx_client import InfluxSettings
from collector.journal import Journal
from collector.spool_queue import Refusal, SenderStatus, SpoolQueue


class Sending:
    """A sender, as far as the metrics see it."""

    stats = SenderStats(waiting=12, refused=3, written=4000, trouble="away", since_us=7)


@pytest.fixture
def store(tmp_path):
    Journal.open(tmp_path / "mes.db", spool=True).close()
    return tmp_path / "mes.db"


def test_a_store_whose_sender_is_well(store):
    with closing(SpoolQueue(store)) as queue:
        queue.tell(SenderStatus("http://db:8086", "", 0))
    [finding] = check_sending(store)
    assert (finding.ok, finding.said) == (True, "0 changes wait to be sent to http://db:8086")


def test_what_is_wrong_is_said_with_its_mend_and_what_was_refused(store):
    with closing(SpoolQueue(store)) as queue:
        queue.tell(SenderStatus("http://db:8086", "it does not know the token: correct --influx-token-file", 0))
        queue.done([], [Refusal("mes", b"m v=1 1", "not a number")], 5)
    sending, refused = check_sending(store)
    assert (sending.ok, sending.mend) == (False, "correct --influx-token-file")
    assert "since 1970-01-01T00:00:00Z" in sending.said
    assert "1 points for ever" in refused.said
    assert "not a number: m v=1 1" in refused.said


def test_a_store_that_is_not_sent_or_none_has_nothing_to_say(store, tmp_path):
    Journal.open(store).close()
    assert list(check_sending(store)) == []
    (tmp_path / "no.db").write_bytes(b"no store" * 100)
    assert list(check_sending(tmp_path / "no.db")) == []


def test_a_database_that_is_not_there():
    finding = check_influx(InfluxSettings("http://127.0.0.1:1"))
    assert (finding.ok, finding.mend) == (False, "start it, or correct --influx-url")


@pytest.mark.influx
def test_a_database_that_is_there(influx):
    finding = check_influx(InfluxSettings(influx.url, influx.bucket(), influx.org, influx.token))
    assert (finding.ok, finding.mend) == (True, "")


def test_prometheus_sees_the_sender():
    registry = CollectorRegistry()
    Meter(registry).sender = Sending()
    shown = generate_latest(registry).decode()
    for line in ("influx_waiting 12.0", "influx_written_total 4000.0", "influx_refused_total 3.0", "influx_up 0.0"):
        assert f"mes_{line}\n" in shown
