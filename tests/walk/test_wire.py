"""The whole walk through a real broker: nothing lost, nothing doubled, the store is the truth."""

import asyncio
from contextlib import closing

import pytest
from servers import until

from answers.score import score
from answers.store import Store
from app.broker import LOCAL, EmbeddedBroker, free_port
from app.live import collecting, publish_until
from collector.intake import Intake
from collector.journal import Journal
from contract.broker_url import parse_broker_url
from contract.instants import HOUR_US, MINUTE_US, SECOND_US
from contract.truth import encode_record
from simulator.engine import Factory
from simulator.plant_file import load_plant


@pytest.fixture
def embedded():
    with EmbeddedBroker(LOCAL, free_port()) as broker:
        yield broker


def walk(url, folder, speed, length_us, seed):
    """Simulate ``length_us`` over the broker at ``url`` into a store; its score."""
    plant, broker = load_plant("smt"), parse_broker_url(url)
    start_us = plant.default_start_us + HOUR_US + 20 * MINUTE_US - 20 * SECOND_US
    factory = Factory(plant, seed, start_us)
    with closing(Journal.open(folder / "mes.db")) as journal:
        intake = Intake()
        with collecting(broker, intake, journal) as subscriber:
            asyncio.run(publish_until(asyncio.Event(), factory, broker, speed, start_us + length_us))
            heard_everything(folder / "mes.db", factory)
            assert subscriber.failure is None
    with Store.open(folder / "mes.db") as store:
        assert [health for health in store.health() if health.duplicates or health.lost or health.quarantined] == []
        return score(store, [encode_record(record) for record in factory.truth_records()])


def heard_everything(path, factory):
    """Wait until every machine has been heard of up to the very end."""
    with Store.open(path) as store:
        until(lambda: store.heard() == dict.fromkeys(factory.paths, factory.now_us), "every machine's last word")


@pytest.mark.parametrize(
    ("speed", "length_us"), [(1, 8 * SECOND_US), (120, 10 * MINUTE_US), (0, 8 * HOUR_US)], ids=["live", "x120", "max"]
)
@pytest.mark.parametrize("broker", ["embedded", pytest.param("mosquitto", marks=pytest.mark.mosquitto)])
def test_what_went_through_a_broker_is_the_truth(request, tmp_path, broker, speed, length_us):
    result = walk(request.getfixturevalue(broker).url, tmp_path, speed, length_us, seed=11)
    assert {machine.verdict for machine in result.machines} == {"equal"}, result
