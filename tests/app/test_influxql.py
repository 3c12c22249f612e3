"""What a database says instead of an answer, in the words of each version."""

import json

import pytest
from influx_gate import Gate

from app.influxql import InfluxReader
from collector.influx_client import InfluxSettings
from contract.errors import MesError


@pytest.mark.parametrize(
    "said",
    [
        {"error": "found SELEKT"},
        {"code": "invalid", "message": "failed to parse query: found SELEKT"},
        {"results": [{"statement_id": 0, "error": "found SELEKT"}]},
    ],
    ids=["1.x", "2.x", "both"],
)
def test_a_question_that_is_refused_is_no_empty_answer(said):
    with Gate("http://127.0.0.1:1") as gate:
        gate.instead = lambda *_: (400, {}, json.dumps(said).encode())
        with (
            InfluxReader(InfluxSettings(gate.url)) as reader,
            pytest.raises(MesError, match=r"refuses: .*found SELEKT; asked: SELEKT"),
        ):
            reader.ask("mes-influx", "SELEKT")


@pytest.mark.parametrize("said", ["default retention policy not set for: mes_hourly", "database not found: mes_hourly"])
def test_a_bucket_that_the_token_does_not_see_is_named(said):
    body = json.dumps({"results": [{"statement_id": 0, "error": said}]}).encode()
    with Gate("http://127.0.0.1:1") as gate:
        gate.instead = lambda *_: (200, {}, body)
        with (
            InfluxReader(InfluxSettings(gate.url)) as reader,
            pytest.raises(MesError, match="no bucket mes_hourly that this token may read: correct --influx-bucket"),
        ):
            reader.ask("mes-influx-hourly", "SELECT 1")
