import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract import codec
from contract.errors import BadPayload
from contract.events import (
    AlarmChanged,
    BookChanged,
    BookedOrder,
    CalendarPublished,
    CommandAnswered,
    CommandGiven,
    Event,
    HeartBeaten,
    LineDescribed,
    LinkChanged,
    MachineDescribed,
    MaterialChanged,
    OrderProgressed,
    OrderStarted,
    PartsCounted,
    ProductDescribed,
    SlotDescribed,
    StateChanged,
    UnitProcessed,
    ValueDescribed,
    ValuesMeasured,
    Window,
    Words,
)
from contract.instants import EARLIEST_US, LATEST_US
from contract.states import Mode, State
from contract.topics import Kind

NOW = 1_767_571_200_000_000
STATE = StateChanged(ts=NOW, seq=7, boot=1, state=State.HELD, mode=Mode.PRODUCTION, reason="feeder_jam", since=NOW)

instants = st.integers(EARLIEST_US, LATEST_US)
whole = st.integers(0, 2**53)
codes = st.text(max_size=64)
head = {"ts": instants, "seq": st.integers(1, 2**53), "boot": whole}
status = {"state": st.sampled_from(State), "mode": st.sampled_from(Mode), "reason": codes, "since": instants}
totals = dict.fromkeys(("total", "good", "scrap", "rework", "ideal_us"), whole) | {"product": codes, "order": codes}
buffers = {"buffer_in": st.none() | whole, "buffer_out": st.none() | whole}
energy = {"energy_j": whole, "idle_energy_j": whole}
numbers = st.floats(allow_nan=False, allow_infinity=False)
labels = st.text(max_size=200)
words = st.builds(Words, en=labels, vi=labels)
several_codes = st.lists(codes, max_size=3).map(tuple)
named = st.dictionaries(codes, words, max_size=2)
values = st.builds(
    ValueDescribed, name=words, unit=codes, target=numbers, lsl=st.none() | numbers, usl=st.none() | numbers
)
slots = st.builds(SlotDescribed, name=words, material=codes, per_part=whole, low_at=whole)
due = st.none() | instants
amounts = {"quantity": whole, "released": whole, "good": whole, "scrap": whole}
commands = st.builds(
    CommandGiven,
    id=codes,
    verb=codes,
    by=labels,
    code=codes,
    duration_s=st.none() | st.floats(0, 604_800, exclude_min=True),
    value=st.none() | st.floats(0, 1000),
    mode=st.none() | st.sampled_from(Mode),
    order=codes,
    product=codes,
    quantity=st.none() | st.integers(1, 10_000_000),
    due=due,
)
everything_made = {
    StateChanged: st.builds(StateChanged, **head, **status),
    PartsCounted: st.builds(PartsCounted, **head, **totals, **buffers),
    HeartBeaten: st.builds(HeartBeaten, **head, **status, **totals, **buffers, **energy),
    LinkChanged: st.builds(LinkChanged, ts=instants, seq=whole, boot=whole, online=st.booleans()),
    UnitProcessed: st.builds(
        UnitProcessed,
        **head,
        unit=codes,
        product=codes,
        order=codes,
        began=instants,
        attempt=st.integers(1, 1000),
        result=st.sampled_from(["pass", "rework", "scrap"]),
        defects=several_codes,
        false_call=st.booleans(),
        lots=several_codes,
        parents=several_codes,
    ),
    ValuesMeasured: st.builds(
        ValuesMeasured, **head, unit=codes, product=codes, values=st.dictionaries(codes, numbers, max_size=3)
    ),
    MaterialChanged: st.builds(
        MaterialChanged,
        **head,
        slot=codes,
        material=codes,
        lot=codes,
        what=st.sampled_from(["loaded", "low", "empty"]),
        quantity=whole,
        remaining=whole,
    ),
    AlarmChanged: st.builds(AlarmChanged, **head, code=codes, subject=codes, is_active=st.booleans()),
    MachineDescribed: st.builds(
        MachineDescribed,
        **head,
        name=words,
        role=codes,
        position=whole,
        upstream=st.lists(codes, max_size=2),
        downstream=st.lists(codes, max_size=2),
        ideal_us=whole,
        servers=whole,
        buffer_capacity=st.none() | whole,
        minor_stop_us=whole,
        reasons=named,
        counter_modulus=st.none() | whole,
        ideals=st.dictionaries(codes, whole, max_size=2),
        exit_parts=st.floats(0, 1e6, exclude_min=True),
        off_flow=st.booleans(),
        defects=named,
        values=st.dictionaries(codes, values, max_size=2),
        slots=st.dictionaries(codes, slots, max_size=2),
    ),
    LineDescribed: st.builds(
        LineDescribed,
        **head,
        name=words,
        plant=words,
        products=st.dictionaries(
            codes, st.builds(ProductDescribed, name=words, family=codes, opportunities=whole), max_size=2
        ),
    ),
    OrderStarted: st.builds(
        OrderStarted,
        **head,
        order=codes,
        product=codes,
        name=words,
        quantity=whole,
        takt_us=whole,
        target_oee=st.floats(0, 1, exclude_min=True),
        due=due,
    ),
    OrderProgressed: st.builds(
        OrderProgressed,
        **head,
        **amounts,
        order=codes,
        product=codes,
        began=instants,
        finish=instants,
        is_complete=st.booleans(),
        due=due,
    ),
    BookChanged: st.builds(
        BookChanged,
        **head,
        orders=st.lists(
            st.builds(BookedOrder, order=codes, product=codes, quantity=whole, due=due),
            max_size=3,
        ),
    ),
    CommandGiven: commands,
    CommandAnswered: st.builds(
        CommandAnswered,
        ts=instants,
        seq=whole,
        boot=whole,
        command=commands,
        accepted=st.booleans(),
        detail=labels,
    ),
}
events = st.one_of(*everything_made.values())


def decode_or_reason(kind, payload):
    try:
        return codec.decode(kind, payload)
    except BadPayload as error:
        return error.reason


@given(events)
def test_an_event_survives_the_wire_and_the_file(event):
    kind = codec.KIND_OF[type(event)]
    assert codec.decode(kind, codec.encode(event)) == [event]
    line = codec.encode_line("mes/v1/e/s/a/l/m/x", event)
    found = codec.decode_line(line)
    assert (found.topic, found.is_retained) == ("mes/v1/e/s/a/l/m/x", False)
    assert codec.decode(kind, found.payload) == [event]
    assert codec.encode_wire("mes/v1/e/s/a/l/m/x", codec.encode(event)) == line


@given(st.binary(max_size=40), st.booleans())
def test_a_payload_that_is_not_json_and_what_the_broker_kept_survive_the_file(payload, is_retained):
    line = codec.encode_wire("mes/v1/x", payload, is_json=False, is_retained=is_retained)
    assert line.count(b"\n") == 1
    assert codec.decode_line(line) == codec.FileLine("mes/v1/x", payload, is_retained)
    kept = codec.decode_line(codec.encode_wire("mes/v1/x", b"[]", is_retained=is_retained))
    assert (bytes(kept.payload), kept.is_retained) == (b"[]", is_retained)


@given(st.lists(st.builds(StateChanged, **head, **status), max_size=5))
def test_an_array_is_its_events_in_order(several):
    assert codec.decode(Kind.STATE, codec.encode_many(several)) == several
    assert codec.decode(Kind.STATE, b"\n  " + codec.encode_many(several)) == several


@given(st.sampled_from(Kind), st.binary(max_size=300))
def test_any_bytes_are_events_or_a_clear_no(kind, payload):
    found = decode_or_reason(kind, payload)
    assert found == [] or found in codec.REASONS


@given(st.data(), events)
def test_a_damaged_event_is_an_event_or_a_clear_no(data, event):
    payload = bytearray(codec.encode(event))
    place = data.draw(st.integers(0, len(payload) - 1))
    payload[place] = data.draw(st.integers(0, 255))
    kind = codec.KIND_OF[type(event)]
    found = decode_or_reason(kind, bytes(payload))
    assert found in codec.REASONS if isinstance(found, str) else {type(one) for one in found} == {type(event)}


def _with(**changes: object) -> bytes:
    return msgspec.json.encode(msgspec.to_builtins(STATE) | changes)


@pytest.mark.parametrize(
    ("payload", "reason", "place"),
    [
        (_with(ts=0), "bad_time", "$.ts"),
        (_with(ts=253_402_300_799_000_000), "bad_time", "$.ts"),
        (_with(ts="2026-01-05T06:00:00Z"), "bad_time", "$.ts"),
        (_with(since=0), "bad_time", "$.since"),
        (_with(seq=0), "not_in_contract", "$.seq"),
        (_with(seq=-1), "not_in_contract", "$.seq"),
        (_with(seq=True), "not_in_contract", "$.seq"),
        (_with(state="Running"), "not_in_contract", "$.state"),
        (_with(reason="x" * 65), "not_in_contract", "$.reason"),
        (_with(reason=None), "not_in_contract", "$.reason"),
        (b"[" + _with() + b"," + _with(ts=1) + b"]", "bad_time", "$[1].ts"),
        (b"", "not_json", ""),
        (b"42", "not_in_contract", "object"),
        (b"null", "not_in_contract", "object"),
        (_with()[:-1], "not_json", "truncated"),
        (b'{"ts":NaN}', "not_json", ""),
        (b"[" * 100_000, "not_in_contract", ""),
        (b" " * (codec.PAYLOAD_LIMIT_BYTES + 1), "too_large", "bytes"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(payload, reason, place):
    with pytest.raises(BadPayload) as caught:
        codec.decode(Kind.STATE, payload)
    assert (caught.value.reason, place in caught.value.detail) == (reason, True), caught.value


@pytest.mark.parametrize(
    "line", [b"", b"{}", b'{"topic":1,"payload":{}}', b"not json", b'{"topic":"x"}', b"\xff", b'{"topic":"x","raw":7}']
)
def test_a_line_that_is_none_says_so(line):
    with pytest.raises(BadPayload) as caught:
        codec.decode_line(line)
    assert caught.value.reason == "bad_line"


def test_unknown_fields_are_read_over_so_that_a_newer_machine_may_say_more():
    assert codec.decode(Kind.STATE, _with(vibration_mm_s=0.3)) == [STATE]


def test_windows_are_shifts_or_breaks():
    window = Window(start=NOW, end=NOW + 1, kind="shift", name=Words(en="Shift 1", vi="Ca 1"))
    calendar = CalendarPublished(
        ts=NOW, seq=1, boot=1, tz="Asia/Ho_Chi_Minh", valid_from=NOW, valid_to=NOW + 1, windows=[window]
    )
    payload = codec.encode(calendar)
    assert codec.decode(Kind.CALENDAR, payload) == [calendar]
    with pytest.raises(BadPayload, match="kind"):
        codec.decode(Kind.CALENDAR, payload.replace(b'"shift"', b'"party"'))


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_is_made_up_for_these_tests(kind):
    made = {codec.KIND_OF[cls] for cls in everything_made}
    assert kind in made or kind is Kind.CALENDAR


@pytest.mark.parametrize(
    "changes",
    [{"force": True}, {"duration_s": 0}, {"duration_s": 1e9}, {"value": -1}, {"quantity": 0}, {"mode": "Off"}],
)
def test_a_command_says_nothing_that_would_be_read_over(changes):
    with pytest.raises(BadPayload) as caught:
        codec.decode(Kind.COMMAND, msgspec.json.encode({"id": "1", "verb": "hold"} | changes))
    assert caught.value.reason == "not_in_contract"
    assert next(iter(changes)) in caught.value.detail


def test_a_command_goes_over_the_wire_without_what_it_does_not_say():
    assert codec.encode(CommandGiven("1", "hold")) == b'{"id":"1","verb":"hold"}'


def test_every_kind_has_one_event_type_and_every_event_a_kind():
    assert set(codec.KIND_OF) == {*Event.__args__, CommandGiven}
    assert sorted(codec.KIND_OF.values()) == sorted(Kind)
