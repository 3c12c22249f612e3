"""The status policy against made-up databases: every good line arrives, every bad one is named, nothing is both."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.influx_policy import BYTES_LEAST, BYTES_LIMIT, LINES_LIMIT, Answer, Delivery, Patience, Verdict

LATER = st.sampled_from([None, 408, 429, 500, 502, 503, 504, 507])
HELD = st.sampled_from([301, 302, 401, 403, 404, 405, 415])


class Database:
    """Has ``troubles`` first, and a limit of bytes; ``is_partial``: takes what is good of a bad batch."""

    def __init__(self, bad, troubles, limit, *, is_partial):
        self.bad, self.troubles, self.limit, self.is_partial = bad, list(troubles), limit, is_partial
        self.lines, self.requests = [], []

    def post(self, lines):
        self.requests.append(lines)
        if self.troubles:
            return Answer(self.troubles.pop())
        if len(b"\n".join(lines)) > self.limit:
            return Answer(413, "too large")
        good = [line for line in lines if line not in self.bad]
        if good == lines or self.is_partial:
            self.lines += good
        return Answer(204) if good == lines else Answer(400, "bad line")


def deliver(database, lines, bytes_limit=BYTES_LIMIT):
    delivery = Delivery(lines, bytes_limit)
    while request := delivery.request():
        delivery.answer(database.post(request))
        assert len(database.requests) < 10_000
    return delivery


@given(
    count=st.integers(0, 300),
    bad=st.sets(st.integers(0, 299), max_size=20),
    troubles=st.lists(LATER | HELD, max_size=10),
    limit=st.integers(40, 4000),
    is_partial=st.booleans(),
)
def test_every_good_line_arrives_and_every_bad_one_is_named(count, bad, troubles, limit, is_partial):
    lines = [b"m v=%di %d" % (number, number) for number in range(count)]
    wrong = {lines[number] for number in bad if number < count}
    database = Database(wrong, troubles, limit, is_partial=is_partial)
    delivery = deliver(database, lines)
    assert set(database.lines) == set(lines) - wrong
    assert [line for line, _ in delivery.refused] == [line for line in lines if line in wrong]
    assert delivery.written == len(lines) - len(delivery.refused)
    if not is_partial:
        assert database.lines == [line for line in lines if line not in wrong]


@given(
    lines=st.lists(st.binary(min_size=1, max_size=3000).map(lambda line: line.replace(b"\n", b" ")), max_size=60),
    limit=st.integers(BYTES_LEAST, 2 * BYTES_LEAST),
)
def test_no_request_is_larger_than_it_may_be(lines, limit):
    database = Database(set(), (), 10**9, is_partial=False)
    deliver(database, lines, limit)
    assert [line for request in database.requests for line in request] == lines
    assert all(len(b"\n".join(request)) <= limit or len(request) == 1 for request in database.requests)


def test_no_request_has_more_lines_than_it_may():
    database = Database(set(), (), 10**9, is_partial=False)
    deliver(database, [b"m v=1i"] * (2 * LINES_LIMIT + 1))
    assert [len(request) for request in database.requests] == [LINES_LIMIT, LINES_LIMIT, 1]


class Forgetful:
    """Takes no ``old`` line. Where it says so, as in ``said``, it says nothing of ``unread`` ones, as 1.x does not."""

    def __init__(self, status, said, old, unread):
        self.status, self.said, self.old, self.unread = status, said, old, unread
        self.lines, self.requests = set(), []

    def post(self, lines):
        self.requests.append(lines)
        read = set(lines) - self.unread
        self.lines |= read - self.old
        if dropped := len(read & self.old):
            return Answer(self.status, self.said.format(dropped))
        return Answer(400, "unable to parse") if set(lines) & self.unread else Answer(204)


OUTDATED_1 = "partial write: points beyond retention policy dropped={0}"
OUTDATED_2 = (
    "failure writing points to database: partial write: dropped {0} points outside retention policy of duration "
    "720h0m0s - oldest point m at 2026-10-13T08:30:17Z dropped because it violates a Retention Policy Lower Bound at "
    "2026-10-23T08:30:17Z, newest point m at 2026-10-13T08:30:18Z dropped={0} for database: 98ef438e for retention "
    "policy: autogen"
)
OUTDATED = pytest.mark.parametrize(("status", "said"), [(400, OUTDATED_1), (422, OUTDATED_2)], ids=["1.x", "2.x"])


@OUTDATED
@given(count=st.integers(0, 300), old=st.sets(st.integers(0, 299)), unread=st.sets(st.integers(0, 299), max_size=20))
def test_what_is_older_than_the_bucket_keeps_hides_no_other_fault(status, said, count, old, unread):
    lines = [b"m v=%di %d" % (number, number) for number in range(count)]
    bad = {lines[number] for number in unread if number < count}
    gone = {lines[number] for number in old if number < count} - bad
    database = Forgetful(status, said, gone, bad)
    delivery = deliver(database, lines)
    assert database.lines == set(lines) - gone - bad
    assert [line for line, _ in delivery.refused] == [line for line in lines if line in bad]
    assert (delivery.written, delivery.outdated) == (len(database.lines), len(gone))


@OUTDATED
def test_what_is_all_too_old_is_sent_once(status, said):
    lines = [b"m v=%di %d" % (number, number) for number in range(LINES_LIMIT)]
    database = Forgetful(status, said, set(lines), set())
    assert deliver(database, lines).outdated == LINES_LIMIT
    assert database.requests == [lines]


def test_a_field_of_another_type_is_the_fault_of_its_line():
    said = 'partial write: field type conflict: input field "v" on measurement "m" is type string dropped=1'
    assert Answer(422, said).verdict is Verdict.BAD


def test_a_server_that_wants_less_is_given_less_from_then_on():
    lines = [b"m v=%d" % number + b" " * 100 for number in range(2000)]
    database = Database(set(), (), 50_000, is_partial=False)
    first = deliver(database, lines)
    assert first.bytes_limit <= 50_000
    database.requests.clear()
    deliver(database, lines, first.bytes_limit)
    assert all(len(b"\n".join(request)) <= 50_000 for request in database.requests)


@given(status=st.integers(100, 599) | st.none())
def test_only_what_the_database_says_it_has_is_written_and_only_bad_lines_are_given_up(status):
    verdict = Answer(status).verdict
    assert (verdict is Verdict.WRITTEN) == (status is not None and 200 <= status < 300)
    assert (verdict is Verdict.BAD) == (status in {400, 413, 422})
    assert (verdict is Verdict.LATER) == (status is None or status in {408, 425, 429} or status >= 500)


@given(answers=st.lists(LATER | HELD, min_size=1, max_size=40), asked=st.none() | st.floats(0, 1e6))
def test_waits_grow_and_have_an_end(answers, asked):
    patience, before = Patience(), 0.0
    for status in answers:
        answer = Answer(status)
        wait = patience.wait_s(answer)
        assert 0.25 <= wait <= 60
        if answer.verdict is Verdict.HELD:
            assert wait >= min(before, 60)
        before = wait
    assert patience.wait_s(Answer(503, retry_after_s=asked)) <= 120
    patience.calm()
    assert patience.wait_s(Answer(503)) == 0.25
