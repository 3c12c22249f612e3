"""From the wire to the disk: how fast, how late, how large; beside a bare paho subscriber that only counts.

    python bench/wire.py                     everything, about two minutes
    python bench/wire.py --parts arrays      only that; parts: arrays, single, latency, memory

Mosquitto, a publisher and the subscriber are processes of their own; the events are those of the shipped line, under
many names. ``arrays``: 50 events a packet, as accelerated time sends them. ``single``: one a packet, QoS 1. The bare
subscriber acknowledges at once and forgets; ours once what it heard is in the store. ``latency``: 1,000 events/s, one a
packet, from publish to a row that another process can read. ``memory``: a month of 500 machines,
heard of every hour; nothing is written.
"""

import argparse
import multiprocessing
import resource
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from multiprocessing.synchronize import Event
from pathlib import Path

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from bench.chaos import Process, listens, stage_in
from collector.intake import Intake
from collector.journal import Journal
from collector.subscribe import Subscriber, SubscribeSettings
from contract.broker_url import BrokerUrl
from contract.codec import KIND_OF, encode, encode_many
from contract.events import HeartBeaten, PartsCounted
from contract.instants import DAY_US, MINUTE_US
from contract.states import Mode, State
from contract.topics import EVERYTHING, Kind, topic_of

BATCH = 50
ARRAY_EVENTS, SINGLE_EVENTS = 300_000, 20_000
LATENCY_EVENTS, LATENCY_RATE = 10_000, 1000
MONTH_MACHINES, MONTH_DAYS = 500, 30
DEADLINE_S = 60.0
_START_US, _STEP_US = 1_767_571_200_000_000, 60 * MINUTE_US
Packet = tuple[str, bytes, int]
#: When it had everything (monotonic s), how much that was, the CPU seconds it took, and its peak memory (MB).
Answer = tuple[float, int, float, float]
Answers = "Queue[Answer]"


def path_of(number: int) -> str:
    return f"acme/site/area/line-{number // 10}/m{number}"


def said_by(path: str, count: int, batch: int) -> Iterator[Packet]:
    """``count`` events of one machine in packets of ``batch``: a part a second, a heartbeat on the minute."""
    boot, pending = _START_US // 1_000_000, list[PartsCounted]()
    state = HeartBeaten(
        _START_US, 1, boot, State.EXECUTE, Mode.PRODUCTION, "", _START_US, 0, 0, 0, 0, "P", "O", 900_000, 0, 0
    )
    yield topic_of(path, Kind.HEARTBEAT), encode(state), 1
    for seq in range(2, count + 1):
        ts, total = _START_US + seq * 1_000_000, seq - 1
        pending.append(PartsCounted(ts, seq, boot, total, total, 0, 0, "P", "O", 900_000, 3, 4))
        if len(pending) == batch or seq == count:
            payload = encode_many(pending) if batch > 1 else encode(pending[0])
            yield topic_of(path, KIND_OF[PartsCounted]), payload, len(pending)
            pending = []


def packets_of(machines: int, events: int, batch: int) -> list[Packet]:
    """Machines in turn, as a plant talks."""
    streams = [said_by(path_of(number), events // machines, batch) for number in range(machines)]
    return [packet for together in zip(*streams, strict=True) for packet in together]


def publish_all(port: int, packets: list[Packet], go: Event) -> None:
    """A process: connect, wait for ``go``, and send as fast as the broker takes it."""
    client = connected(port, "load")
    client.loop_start()
    go.wait()
    for topic, payload, _ in packets:
        client.publish(topic, payload, qos=1)
    client.publish("end", b"", qos=1).wait_for_publish(DEADLINE_S)
    client.disconnect()
    client.loop_stop()


def connected(port: int, name: str) -> mqtt.Client:
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=name)
    client.max_inflight_messages_set(500)
    client.max_queued_messages_set(0)
    client.connect("127.0.0.1", port)
    return client


def bare(port: int, packets: int, ready: Event, answer: Answers) -> None:
    """A process: what paho can do when nothing is done with what it brings."""
    seen, done = [0], threading.Event()

    def count(_client: mqtt.Client, _data: object, _message: mqtt.MQTTMessage) -> None:
        seen[0] += 1
        if seen[0] == packets:
            done.set()

    client = connected(port, "bare")
    client.on_subscribe = lambda *_: ready.set()
    client.on_message = count
    client.subscribe(EVERYTHING, qos=1)
    client.loop_start()
    began_s = time.process_time()
    done.wait(DEADLINE_S)
    answer.put((time.monotonic(), seen[0], time.process_time() - began_s, peak_mb()))
    client.disconnect()
    client.loop_stop()


def ours(port: int, store: Path, events: int, ready: Event, answer: Answers) -> None:
    """A process: the collector, until everything is committed."""
    with closing(Journal.open(store)) as journal:
        subscriber = Subscriber(SubscribeSettings(BrokerUrl("127.0.0.1", port)), Intake(), journal)
        subscriber.start()
        ready.set()
        began_s, until_s = time.process_time(), time.monotonic() + DEADLINE_S
        while counted(store) < events and time.monotonic() < until_s:
            time.sleep(0.02)
        answer.put((time.monotonic(), counted(store), time.process_time() - began_s, peak_mb()))
        subscriber.stop()


def peak_mb() -> float:
    """The most memory this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def counted(store: Path) -> int:
    """Parts in the store: every event after a machine's first says that one more was made."""
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as db:
        return int(db.execute("SELECT coalesce(sum(good), 0) FROM minutes").fetchone()[0])


def broker_in(folder: Path) -> tuple[int, Process]:
    """A fresh Mosquitto, started: no run is to carry what the one before it left in a session."""
    folder.mkdir()
    stage = stage_in(folder, saving="")
    stage.broker.start()
    while not listens(stage.port):
        time.sleep(0.02)
    return stage.port, stage.broker


def one_run(folder: Path, packets: list[Packet], target: Callable[..., None], *arguments: object) -> Answer:
    """Seconds until ``target`` has everything; the rest is its own :data:`Answer`."""
    port, broker = broker_in(folder)
    context = multiprocessing.get_context("spawn")
    ready, go, answer = context.Event(), context.Event(), context.Queue()
    reader = context.Process(target=target, args=(port, *arguments, ready, answer))
    writer = context.Process(target=publish_all, args=(port, packets, go))
    reader.start()
    writer.start()
    ready.wait(DEADLINE_S)
    time.sleep(1.0)  # both have imported and connected: only now is it measured
    began_s = time.monotonic()
    go.set()
    end_s, *rest = answer.get(timeout=2 * DEADLINE_S)
    for process in (reader, writer):
        process.join()
    broker.kill()
    return end_s - began_s, *rest


def rates(folder: Path, name: str, packets: list[Packet], machines: int) -> None:
    """Our events a second beside bare paho's, of the same packets."""
    events = sum(count for _, _, count in packets)
    bare_s, seen, bare_cpu_s, bare_mb = one_run(folder / f"{name}-bare", packets, bare, len(packets))
    our_s, rows, our_cpu_s, our_mb = one_run(folder / name, packets, ours, folder / f"{name}.db", events - machines)
    assert seen == len(packets), f"{seen} of {len(packets)} packets"
    assert rows == events - machines, f"{rows} of {events - machines} parts"
    print(f"{name}: {events:,} events in {len(packets):,} packets")
    print(f"  {'':<22}{'events/s':>12}{'a CPU second':>16}{'MB':>8}")
    print(f"  {'bare paho, counts':<22}{events / bare_s:>12,.0f}{events / bare_cpu_s:>16,.0f}{bare_mb:>8.0f}")
    print(f"  {'ours, durable':<22}{events / our_s:>12,.0f}{events / our_cpu_s:>16,.0f}{our_mb:>8.0f}")
    print(f"  ours is {bare_s / our_s:.2f} of bare, by CPU {bare_cpu_s / our_cpu_s:.2f}")


def latency(folder: Path) -> None:
    """Publish → a row that another connection reads, at a steady rate, one event a packet."""
    store, packets = folder / "latency.db", packets_of(100, LATENCY_EVENTS, 1)
    port, broker = broker_in(folder / "latency")
    sent, seen = list[float](), list[tuple[float, int]]()
    with closing(Journal.open(store)) as journal:
        subscriber = Subscriber(SubscribeSettings(BrokerUrl("127.0.0.1", port)), Intake(), journal)
        subscriber.start()
        writer = threading.Thread(target=paced, args=(port, packets, sent))
        writer.start()
        goal, until_s = LATENCY_EVENTS - 100, time.monotonic() + DEADLINE_S
        while (not seen or seen[-1][1] < goal) and time.monotonic() < until_s:
            seen.append((time.monotonic(), counted(store)))
            time.sleep(0.002)
        writer.join()
        subscriber.stop()
    broker.kill()
    waits = sorted(waits_of(sent[100:], seen))
    middle, worst = waits[len(waits) // 2], waits[len(waits) * 99 // 100]
    print(f"latency: {LATENCY_RATE:,} events/s, publish to durable row: median {middle:.0f} ms, p99 {worst:.0f} ms")


def paced(port: int, packets: list[Packet], sent: list[float]) -> None:
    client = connected(port, "paced")
    client.loop_start()
    began_s = time.monotonic()
    for number, (topic, payload, _) in enumerate(packets):
        time.sleep(max(0.0, began_s + number / LATENCY_RATE - time.monotonic()))
        sent.append(time.monotonic())
        client.publish(topic, payload, qos=1)
    client.loop_stop()


def waits_of(sent: list[float], seen: list[tuple[float, int]]) -> Iterator[float]:
    """For each event the ms until as many parts as were published by then could be read."""
    at = 0
    for number, sent_s in enumerate(sent, start=1):
        while seen[at][1] < number:
            at += 1
        yield (seen[at][0] - sent_s) * 1000


def memory() -> None:
    """A month of 500 machines, each heard of every hour: what the collector has held, week by week."""
    boot, held = _START_US // 1_000_000, list[float]()
    intake, paths = Intake(), [path_of(number) for number in range(MONTH_MACHINES)]
    for seq in range(1, MONTH_DAYS * DAY_US // _STEP_US + 1):
        ts, total = _START_US + seq * _STEP_US, seq * 20
        beat = HeartBeaten(
            ts, seq, boot, State.EXECUTE, Mode.PRODUCTION, "", _START_US, total, total, 0, 0, "P", "O", 1, 0, 0
        )
        for path in paths:
            intake.feed_events(path, (beat,))
        intake.drain()
        if seq % (7 * DAY_US // _STEP_US) == 1:
            held.append(peak_mb())
    weeks = ", ".join(f"{mb:.0f}" for mb in held)
    print(f"memory: {MONTH_MACHINES} machines, {MONTH_DAYS} days: peak MB after weeks 0 to 4: {weeks}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", nargs="*", default=["memory", "arrays", "single", "latency"])
    parts = parser.parse_args().parts
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "memory" in parts:  # first: the peak of the process is looked at
            memory()
        if "arrays" in parts:
            rates(folder, "arrays", packets_of(100, ARRAY_EVENTS, BATCH), 100)
        if "single" in parts:
            rates(folder, "single", packets_of(100, SINGLE_EVENTS, 1), 100)
        if "latency" in parts:
            latency(folder)


if __name__ == "__main__":
    main()
