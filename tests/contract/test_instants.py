import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.errors import UsageError
from contract.instants import (
    EARLIEST_US,
    HOUR_US,
    LATEST_US,
    MINUTE_US,
    SECOND_US,
    floor_minute,
    from_datetime,
    parse_duration,
    parse_instant,
    to_datetime,
    to_iso,
)

instants = st.integers(EARLIEST_US, LATEST_US)


@given(instants)
def test_text_and_back_is_exact(ts_us):
    assert parse_instant(to_iso(ts_us)) == ts_us
    assert from_datetime(to_datetime(ts_us)) == ts_us


@given(instants)
def test_the_minute_holds_the_instant(ts_us):
    assert floor_minute(ts_us) % MINUTE_US == 0
    assert floor_minute(ts_us) <= ts_us < floor_minute(ts_us) + MINUTE_US


def test_local_time_is_turned_into_utc():
    assert to_iso(parse_instant("2026-01-05T06:00:00+07:00")) == "2026-01-04T23:00:00Z"


@pytest.mark.parametrize(
    ("text", "expected_us"),
    [
        ("90s", 90 * SECOND_US),
        ("45m", 45 * MINUTE_US),
        ("8h", 8 * HOUR_US),
        ("1h30m", 90 * MINUTE_US),
        ("1.5d", 36 * HOUR_US),
        (" 2 h ", 2 * HOUR_US),
        ("250ms", SECOND_US // 4),
    ],
)
def test_durations(text, expected_us):
    assert parse_duration(text) == expected_us


@pytest.mark.parametrize("text", ["", "8", "h", "8x", "-8h", "0s", "1.2.3h", "8h30", "eight hours"])
def test_what_is_not_a_duration_says_how_to_write_one(text):
    with pytest.raises(UsageError, match="write it like 90s"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["5300w", "40000d", f"{'9' * 400}d"])
def test_nothing_lasts_longer_than_clocks_are_believed(text):
    with pytest.raises(UsageError, match="longer than 100 years"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("yesterday", "write it like"),
        ("2026-01-05T06:00:00", "no time zone"),
        ("1970-01-01T00:00:00Z", "outside the years"),
        ("2999-01-01T00:00:00Z", "outside the years"),
    ],
)
def test_what_is_not_an_instant_says_why(text, message):
    with pytest.raises(UsageError, match=message):
        parse_instant(text)
