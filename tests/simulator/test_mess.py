"""The mess does what it says and nothing else; the truth stays clean; the same seed makes the same mess."""

import io
import itertools
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from small_plants import HOUR_US, MONDAY_US, SECOND_US

from contract import codec, topics
from contract.errors import BadPayload, UsageError
from contract.events import DISORDER_US, HeartBeaten, MachineDescribed, PartsCounted, StateChanged, UnitProcessed
from contract.topics import Kind
from simulator.agenda import NEVER
from simulator.engine import Factory
from simulator.mess import KINDS, Mess, MessSettings, parse_mess
from simulator.plant_file import load_plant
from simulator.record import record

SMT = load_plant("smt")
SEED = 3
HOURS = 2
#: What changes when something is said, but not what.
HARMLESS = ("duplicates", "reorder", "offline", "stale_retained", "ghost_will", "malformed")


def emissions_of(hours=HOURS, seed=SEED):
    factory = Factory(SMT, seed, MONDAY_US)
    return factory.run_until(MONDAY_US + hours * HOUR_US) + factory.finish()


CLEAN = emissions_of()


def mess_of(text, seed=SEED, **more):
    return Mess(parse_mess(text), seed, Factory(SMT, seed, MONDAY_US).paths, MONDAY_US, **more)


def wires_of(text, seed=SEED, **more):
    mess = mess_of(text, seed, **more)
    return mess.pass_on(CLEAN, MONDAY_US + HOURS * HOUR_US) + mess.flush()


def events_of(wires):
    """(path, event) of everything that can be read, links left out."""
    found = []
    for wire in wires:
        if wire.events:
            topic = topics.parse(wire.topic)
            decoded = codec.decode(topic.kind, wire.payload)
            assert len(decoded) == wire.events
            found += [(topic.path, event) for event in decoded if topic.kind is not Kind.LINK]
    return found


def by_path(pairs):
    found = defaultdict(list)
    for path, event in pairs:
        found[path].append(event)
    return found


def said(pairs):
    return Counter((path, codec.encode(event)) for path, event in pairs)


def test_without_a_kind_everything_passes_as_it_is():
    wires = wires_of("all=off")
    assert said(events_of(wires)) == said(CLEAN)
    assert [wire.events for wire in wires] == [1] * len(CLEAN)
    assert [event.ts for _, event in events_of(wires)] == [event.ts for _, event in CLEAN]


@pytest.mark.parametrize("kind", [*KINDS, "all"])
def test_the_same_seed_makes_the_same_mess_in_steps_of_any_size_and_another_seed_another(kind):
    whole, mess, stepped = wires_of(kind), mess_of(kind), []
    factory = Factory(SMT, SEED, MONDAY_US)
    step_us = 7 * SECOND_US + 123_457
    while factory.now_us < MONDAY_US + HOURS * HOUR_US:
        emissions = factory.run_until(min(factory.now_us + step_us, MONDAY_US + HOURS * HOUR_US))
        stepped += mess.pass_on(emissions, factory.now_us)
        assert mess.next_us > factory.now_us
        step_us = step_us * 3 % (1000 * SECOND_US) + 1
    stepped += mess.pass_on(factory.finish(), factory.now_us) + mess.flush()
    assert stepped == whole
    assert wires_of(kind, seed=SEED + 1) != whole


def test_a_kind_does_not_change_the_luck_of_another():
    assert set(wires_of("stale_retained")) < set(wires_of("stale_retained,duplicates"))


def test_the_truth_stays_clean():
    def truth(mess):
        factory = Factory(SMT, SEED, MONDAY_US)
        mess.pass_on(factory.run_until(MONDAY_US + HOUR_US), factory.now_us)
        return list(factory.truth_records())

    assert truth(mess_of("all")) == truth(mess_of("all=off"))


@pytest.mark.parametrize("kind", [*HARMLESS, "late", ",".join((*HARMLESS, "late"))])
def test_nothing_is_dropped_but_by_the_kinds_that_may(kind):
    found = said(events_of(wires_of(kind)))
    assert found.keys() == said(CLEAN).keys()
    assert found >= said(CLEAN)


def test_duplicates_come_one_by_one_and_as_batches_soon_and_late():
    wires = wires_of("duplicates")
    extra = sum(said(events_of(wires)).values()) - len(CLEAN)
    assert extra > 0.05 * len(CLEAN)
    assert max(wire.events for wire in wires) > 10
    now_us, behind_us = 0, []
    for _, event in events_of(wires):
        now_us = max(now_us, event.ts)
        behind_us.append(now_us - event.ts)
    assert max(behind_us) > 300 * SECOND_US


def disorder_us(wires):
    """How far each event comes behind a newer one of its own machine."""
    newest, found = defaultdict(int), []
    for path, event in events_of(wires):
        newest[path] = max(newest[path], event.ts)
        found.append(newest[path] - event.ts)
    return found


def test_reorder_stays_within_what_the_contract_allows():
    found = disorder_us(wires_of("reorder"))
    assert 0.01 * len(CLEAN) < sum(us > 0 for us in found) < 0.2 * len(CLEAN)
    assert 60 * SECOND_US < max(found) <= DISORDER_US


def test_late_is_inside_and_beyond_the_patience_of_a_collector():
    found = disorder_us(wires_of("late"))
    assert any(DISORDER_US < us < 300 * SECOND_US for us in found)
    assert any(us > 300 * SECOND_US for us in found)
    assert max(found) < 721 * SECOND_US


def test_lost_takes_every_kind_of_message():
    missing = said(CLEAN) - said(events_of(wires_of("lost=0.1")))
    assert 0.07 * len(CLEAN) < missing.total() < 0.13 * len(CLEAN)
    gone = said(events_of(wires_of("lost=0.1")))
    kinds = {type(event) for path, event in CLEAN if not gone[path, codec.encode(event)]}
    assert {StateChanged, PartsCounted, HeartBeaten} <= kinds


def test_offline_keeps_everything_in_order_between_a_will_and_a_birth():
    wires = wires_of("offline=1")
    wills = [wire for wire in wires if wire.link is False]
    assert len(wills) == sum(wire.link is True for wire in wires) > 5
    for path in {wire.path for wire in wills}:
        own = [wire for wire in wires if wire.path == path]
        seqs = [event.seq for _, event in events_of(own)]
        assert seqs == sorted(seqs)
        links = [wire.link for wire in own if wire.link is not None]
        assert links == [False, True] * (len(links) // 2)
        last = None
        for wire in own:
            assert last is not False or wire.link is True, "something was said over a lost link"
            last = wire.link if wire.link is not None else last


def test_reboot_starts_again_from_nothing_with_a_later_boot_and_the_state_that_is():
    wires = wires_of("reboot=2")
    boots = 0
    for path, events in by_path(events_of(wires)).items():
        if not topics.address(path).machine:
            continue
        for before, after in itertools.pairwise(events):
            if after.boot != before.boot:
                boots += 1
                assert after.boot > before.boot
                assert after.seq == 1
                assert isinstance(after, MachineDescribed)
                assert after.ts - before.ts >= 5 * SECOND_US
            else:
                assert after.seq == before.seq + 1
        totals = [event.total for event in events if isinstance(event, PartsCounted) and event.boot == events[-1].boot]
        assert totals == list(range(1, len(totals) + 1))
        for event in events:
            if isinstance(event, StateChanged | HeartBeaten):
                assert event.boot * SECOND_US <= event.since <= event.ts
    assert boots > 10


@pytest.mark.parametrize(("kind", "modulus"), [("rollover16", 1 << 16), ("rollover32", 1 << 32)])
def test_counters_roll_over_within_the_hour_where_info_says_so(kind, modulus):
    events = by_path(events_of(wires_of(f"{kind}=1")))
    for path, own in events.items():
        if not topics.address(path).machine:
            continue
        assert own[0].counter_modulus == modulus
        totals = [event.total for event in own if isinstance(event, PartsCounted) if event.ts < MONDAY_US + HOUR_US]
        assert totals[0] > modulus - 30
        assert 0 < totals[-1] < modulus // 2
        assert all((after - before) % modulus == 1 for before, after in itertools.pairwise(totals))
        assert [event.seq for event in own] == list(range(own[0].seq, own[0].seq + len(own)))


def test_rollovers_share_the_machines():
    infos = [event for _, event in events_of(wires_of("all")) if isinstance(event, MachineDescribed)]
    assert {event.counter_modulus for event in infos} == {1 << 16, 1 << 32}
    infos = [event for _, event in events_of(wires_of("rollover16=0.3")) if isinstance(event, MachineDescribed)]
    assert {event.counter_modulus for event in infos} == {1 << 16, None}


def test_a_stale_state_is_an_old_one_and_marked_as_kept():
    now_us, found = defaultdict(int), 0
    for wire in wires_of("stale_retained"):
        [(path, event)] = events_of([wire])
        if wire.is_kept:
            found += 1
            assert wire.retain
            assert isinstance(event, StateChanged)
            assert event.ts < now_us[path]
        elif isinstance(event, StateChanged):
            now_us[path] = event.ts
    assert found > 10


def test_a_skewed_clock_is_off_by_a_little_and_never_runs_backwards():
    messy, off = by_path(events_of(wires_of("skew"))), set()
    for path, clean in by_path(CLEAN).items():
        if topics.address(path).machine:
            wrong = [one.ts - other.ts for one, other in zip(messy[path], clean, strict=True)]
            assert 0 < max(map(abs, wrong)) < 2.5 * SECOND_US
            assert max(wrong) != min(wrong)
            off.add(wrong[0])
            assert sorted(event.ts for event in messy[path]) == [event.ts for event in messy[path]]
    assert min(off) < 0 < max(off)


def test_a_clock_is_set_back_and_right_again():
    messy, steps = by_path(events_of(wires_of("clock_back=1"))), 0
    for path, clean in by_path(CLEAN).items():
        wrong = [one.ts - other.ts for one, other in zip(messy[path], clean, strict=True)]
        assert -120 * SECOND_US <= min(wrong) <= max(wrong) == 0
        steps += sum(one != other for one, other in itertools.pairwise(wrong))
    assert steps > 5


def test_a_stuck_machine_only_beats():
    missing = said(CLEAN) - said(events_of(wires_of("stuck")))
    kinds = Counter(type(event) for path, event in CLEAN if missing[path, codec.encode(event)])
    assert set(kinds) == {StateChanged, PartsCounted, UnitProcessed}
    assert kinds.total() > 50


def test_ghosts_were_never_born_and_the_living_say_that_they_live():
    factory_paths, links = set(Factory(SMT, SEED, MONDAY_US).paths), defaultdict(list)
    for wire in wires_of("ghost_will=2"):
        topic = topics.parse(wire.topic)
        if topic.kind is Kind.LINK:
            links[topic.path].append(codec.decode(Kind.LINK, wire.payload)[0].online)
    ghosts = {path for path in links if path not in factory_paths}
    assert 0 < len(ghosts) <= 5
    assert not any(any(links[path]) for path in ghosts)
    living = [links[path] for path in links if path in factory_paths]
    assert living
    assert all(said.count(True) == said.count(False) and said[-1] for said in living)


def test_malformed_is_never_readable_and_comes_on_top():
    wires = wires_of("malformed=0.2")
    bad = [wire for wire in wires if not wire.events]
    assert 0.15 * len(CLEAN) < len(bad) < 0.25 * len(CLEAN)
    reasons = Counter()
    for wire in bad:
        with pytest.raises(BadPayload) as refused:
            codec.decode(topics.parse(wire.topic).kind, wire.payload)
        reasons[refused.value.reason] += 1
    assert set(reasons) == {"bad_topic", "unknown_kind", "not_json", "not_in_contract", "bad_time"}


def test_the_queue_is_bounded_and_drops_nothing():
    mess = mess_of("offline=10,late,reorder=0.5", queue_limit=50)
    wires = mess.pass_on(CLEAN, MONDAY_US + HOURS * HOUR_US)
    assert mess.waiting <= 50
    wires += mess.flush()
    assert mess.waiting == 0
    assert said(events_of(wires)) == said(CLEAN)


def test_a_kind_is_switched_on_and_off_while_it_runs():
    mess, halfway_us = mess_of("all=off"), MONDAY_US + HOUR_US
    first = [one for one in CLEAN if one.event.ts <= halfway_us]
    rest = [one for one in CLEAN if halfway_us < one.event.ts <= halfway_us + HOUR_US // 2]
    last = [one for one in CLEAN if one.event.ts > halfway_us + HOUR_US // 2]
    assert said(events_of(mess.pass_on(first, halfway_us))) == said(first)
    for kind in ("offline", "lost"):
        mess.switch(kind, KINDS[kind].most)
    assert not events_of(mess.pass_on(rest, halfway_us + HOUR_US // 2))[100:]
    assert mess.rates["lost"] == 1
    mess.switch("lost", 0)
    mess.switch("offline", 0)
    assert mess.next_us <= halfway_us + HOUR_US // 2
    wires = mess.pass_on(last, MONDAY_US + HOURS * HOUR_US)
    assert said(events_of(wires)) >= said(last)
    assert (mess.waiting, mess.next_us) == (0, NEVER)
    with pytest.raises(UsageError, match="lost=2"):
        mess.switch("lost", 2)


def test_the_mess_is_read_as_a_person_writes_it():
    assert parse_mess("all").rates == {kind: info.default for kind, info in KINDS.items()}
    assert parse_mess("duplicates, lost=0.5") == MessSettings({"duplicates": 0.05, "lost": 0.5})
    assert parse_mess("all,lost=off").rates["lost"] == 0
    assert set(parse_mess("all=off").rates.values()) == {0}
    assert parse_mess("skew=on").rates == {"skew": 2.0}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no kind of mess is named.*duplicates, reorder"),
        ("smell", "'smell' is not a kind of mess: write it like all, or duplicates,lost=0.02"),
        ("lost=2", "lost=2 is not a rate: it goes from 0 .off. to 1 of messages"),
        ("lost=-1", "lost=-1 is not a rate"),
        ("lost=nan", "lost=nan is not a rate"),
        ("lost=much", "lost=much is not a rate: write it like"),
    ],
)
def test_a_mess_that_makes_no_sense_is_refused(text, message):
    with pytest.raises(UsageError, match=message):
        parse_mess(text)


def test_every_kind_says_what_it_does_and_what_can_be_proved():
    for kind, info in KINDS.items():
        assert info.does, kind
        assert 0 < info.default <= info.most, kind
        assert info.proof in {"equal", "covered", "close"}, kind


def test_a_messy_event_file_is_what_came_over_the_wire():
    factory, out = Factory(SMT, SEED, MONDAY_US), io.BytesIO()
    lines = record(factory, MONDAY_US + HOURS * HOUR_US, out, mess=mess_of("all"))
    read = [codec.decode_line(line) for line in out.getvalue().splitlines()]
    wires = wires_of("all")
    assert lines == len(wires)
    assert [(line.topic, bytes(line.payload), line.is_retained) for line in read] == [
        (wire.topic, wire.payload, wire.is_kept) for wire in wires
    ]
    assert any(line.is_retained for line in read)


@pytest.mark.parametrize("name", ["commands.md", "commands.vi.md"])
def test_every_kind_is_documented_with_its_rate(name):
    text = (Path(__file__).parent.parent.parent / "docs" / name).read_text("utf-8")
    for kind, info in KINDS.items():
        [row] = [line for line in text.splitlines() if line.startswith(f"| `{kind}` |")]
        assert f"| `{info.default:g}` " in row
        if name == "commands.md":
            assert info.does in row
            assert row.endswith(f"| {info.proof} |")
