import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.errors import BadPayload
from contract.topics import LINE_KINDS, MACHINE_KINDS, Address, Kind, address, parse, topic_of, with_lines

segment = st.text(st.characters(exclude_characters="/+#", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=64)


@given(st.tuples(segment, segment, segment, segment, segment), st.sampled_from(sorted(MACHINE_KINDS)))
def test_a_machine_topic_comes_back(segments, kind):
    where = Address(*segments)
    parsed = parse(topic_of(where.path, kind))
    assert (parsed.path, parsed.kind, parsed.is_machine) == (where.path, kind, True)
    assert address(parsed.path) == where
    assert where.path.startswith(f"{where.line_path}/")


@given(st.tuples(segment, segment, segment, segment), st.sampled_from(sorted(LINE_KINDS)))
def test_a_line_topic_comes_back(segments, kind):
    where = Address(*segments)
    parsed = parse(topic_of(where.path, kind))
    assert (parsed.path, parsed.kind, parsed.is_machine) == (where.line_path, kind, False)


@given(st.text(max_size=200))
def test_any_text_is_a_topic_or_a_clear_no(text):
    try:
        parsed = parse(text)
        again = topic_of(parsed.path, parsed.kind)
    except BadPayload as error:
        again = error.reason
    assert again in {text, "bad_topic", "unknown_kind"}


@pytest.mark.parametrize(
    ("topic", "reason"),
    [
        ("mes/v1/e/s/a/l/m/temperature", "unknown_kind"),
        ("mes/v1/e/s/a/l/m/calendar", "unknown_kind"),
        ("mes/v1/e/s/a/l/state", "unknown_kind"),
        ("mes/v2/e/s/a/l/m/state", "bad_topic"),
        ("mes/v1/e/s/a/l/m/x/state", "bad_topic"),
        ("mes/v1/e//a/l/m/state", "bad_topic"),
        ("mes/v1/e/s/a/l/+/state", "bad_topic"),
        ("mes/v1/e/s/a/l/" + "m" * 65 + "/state", "bad_topic"),
        ("spBv1.0/group/NBIRTH/edge", "bad_topic"),
    ],
)
def test_what_is_wrong_is_said(topic, reason):
    with pytest.raises(BadPayload) as caught:
        parse(topic)
    assert caught.value.reason == reason


def test_lines_come_before_their_machines_and_once():
    assert with_lines(["e/s/a/l1/m1", "e/s/a/l2/m1", "e/s/a/l1/m2"]) == [
        "e/s/a/l1", "e/s/a/l2", "e/s/a/l1/m1", "e/s/a/l2/m1", "e/s/a/l1/m2"
    ]  # fmt: skip
    assert with_lines([]) == []


def test_an_answer_is_a_kind_of_a_line_and_of_a_machine_even_one_called_cmd():
    assert parse("mes/v1/e/s/a/l/cmd/reply") == ("e/s/a/l", Kind.REPLY, False)
    assert parse("mes/v1/e/s/a/l/m/cmd/reply") == ("e/s/a/l/m", Kind.REPLY, True)
    assert parse("mes/v1/e/s/a/l/cmd") == ("e/s/a/l", Kind.COMMAND, False)
    assert parse("mes/v1/e/s/a/l/cmd/cmd") == ("e/s/a/l/cmd", Kind.COMMAND, True)


def test_every_kind_belongs_to_a_machine_or_a_line():
    assert set(Kind) == MACHINE_KINDS | LINE_KINDS
