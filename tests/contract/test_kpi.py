"""The formulas, and the mistakes seen in the field (each is a test)."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.kpi import (
    Energy,
    LineSums,
    Losses,
    Sums,
    add_up,
    dpmo,
    energy,
    kpis,
    line_kpis,
    line_losses,
    losses,
    rolled_throughput_yield,
)
from contract.series import SUM_COLUMNS

HOUR = 3_600_000_000
SECOND = 1_000_000


@st.composite
def any_sums(draw):
    """Any possible span of one machine: more scrap than good, faster than ideal, nothing at all."""
    times = [draw(st.integers(0, 10**13)) for _ in range(8)]
    good, scrap, rework = (draw(st.integers(0, 10**6)) for _ in range(3))
    ideal = draw(st.integers(0, 10**9))
    total = good + scrap + rework
    startup = draw(st.integers(0, total - good))
    stops = draw(st.integers(0, 100)), draw(st.integers(0, 100))
    return Sums(*times, total, good, scrap, rework, total * ideal, good * ideal, startup * ideal, *stops)


def every_loss(lost: Losses) -> int:
    return sum(us for name, us in msgspec.structs.asdict(lost).items() if name not in {"ppt_us", "good_ideal_us"})


def test_one_field_for_each_column_in_its_order():
    assert tuple(field.name for field in msgspec.structs.fields(Sums)) == SUM_COLUMNS


@given(any_sums())
def test_good_time_and_all_losses_are_the_planned_time_exactly(sums):
    lost = losses(sums)
    assert lost.good_ideal_us + every_loss(lost) == lost.ppt_us == sums.ppt_us


@given(any_sums(), *(st.integers(-(10**12), 10**12) for _ in range(2)))
def test_the_same_holds_for_a_line(sums, exit_ideal_us, scrap_ideal_us):
    lost = line_losses(LineSums(sums, 1, 1, exit_ideal_us, scrap_ideal_us))
    assert lost.good_ideal_us + every_loss(lost) == lost.ppt_us
    assert lost.good_ideal_us == exit_ideal_us


@given(any_sums(), st.integers(0, 10**12), st.integers(0, 10**12))
def test_the_factors_of_a_line_multiply_to_its_oee(sums, exit_ideal_us, scrap_ideal_us):
    found = line_kpis(LineSums(sums, 1, 1, exit_ideal_us, scrap_ideal_us), sums.booked_us, 0)
    if None not in (found.availability, found.performance, found.quality):
        assert found.availability * found.performance * found.quality == pytest.approx(found.oee)


@given(st.lists(any_sums(), max_size=5), st.lists(any_sums(), max_size=5))
def test_merging_windows_equals_the_larger_window(one, other):
    assert add_up(one) + add_up(other) == add_up(one + other)


@given(any_sums(), st.integers(0, 10**13), st.integers(0, 10**12))
def test_the_factors_multiply_to_oee_and_the_wider_ones_are_smaller(sums, unknown_us, in_shift_us):
    in_shift_us = min(in_shift_us, sums.planned_us)
    found = kpis(sums, sums.booked_us + unknown_us, in_shift_us)
    if None not in (found.availability, found.performance, found.quality):
        assert found.availability * found.performance * found.quality == pytest.approx(found.oee)
    if found.oee is not None:
        assert found.oee >= found.ooe >= found.teep
    if found.coverage is not None:
        assert 0 <= found.coverage <= 1


@given(any_sums())
def test_tpm_and_iso_differ_only_in_whom_they_blame(sums):
    found = kpis(sums, sums.booked_us, 0)
    one_product = sums.ideal_us > 0 and sums.good > 0
    if one_product and None not in (found.iso_availability, found.iso_effectiveness, found.iso_quality):
        assert found.iso_availability * found.iso_effectiveness * found.iso_quality == pytest.approx(found.oee)


def test_a_shift_worked_by_hand():
    """8 h shift, 30 min break: 47 min breakdown in 2, 12 min minor stops; 19271 parts of ideal 1 s, 423 rejected."""
    sums = Sums(
        execute_us=450 * 60 * SECOND - (47 + 12) * 60 * SECOND,
        breakdown_us=47 * 60 * SECOND,
        minor_stop_us=12 * 60 * SECOND,
        planned_us=30 * 60 * SECOND,
        total=19_271,
        good=18_848,
        scrap=423,
        ideal_us=19_271 * SECOND,
        good_ideal_us=18_848 * SECOND,
        breakdowns=2,
    )
    found = kpis(sums, 8 * HOUR, 30 * 60 * SECOND)
    assert found.oee == pytest.approx(18_848 / 27_000)
    assert found.availability == pytest.approx(403 / 450)
    assert found.performance == pytest.approx(19_271 / (403 * 60))
    assert found.quality == pytest.approx(18_848 / 19_271)
    assert found.ooe == found.teep == pytest.approx(18_848 / 28_800)
    assert found.mttr_s == pytest.approx(47 * 60 / 2)
    assert found.mtbf_s == pytest.approx((450 - 59) * 60 / 2)
    assert found.coverage == 1


def test_down_all_shift_is_zero_and_the_rest_is_absent_not_zero():
    found = kpis(Sums(breakdown_us=8 * HOUR, breakdowns=1), 8 * HOUR, 0)
    assert (found.availability, found.oee) == (0, 0)
    assert (found.performance, found.quality, found.scrap_ratio, found.nee) == (None, None, None, None)


def test_no_planned_time_has_no_oee():
    found = kpis(Sums(planned_us=8 * HOUR), 8 * HOUR, 0)
    assert (found.oee, found.availability, found.mtbf_s, found.mttr_s, found.coverage) == (None,) * 5


def test_nothing_known_is_no_coverage_and_no_verdict():
    found = kpis(Sums(), 8 * HOUR, 0)
    assert found.coverage == 0
    assert (found.oee, found.teep) == (None, None)


def test_faster_than_ideal_is_shown_and_not_capped():
    sums = Sums(execute_us=HOUR, total=400, good=400, ideal_us=400 * 10 * SECOND, good_ideal_us=400 * 10 * SECOND)
    found = kpis(sums, HOUR, 0)
    assert found.oee == found.performance == found.iso_effectiveness == pytest.approx(4000 / 3600)
    assert losses(sums).speed_us < 0


def test_unknown_time_is_coverage_and_in_no_denominator():
    sums = Sums(execute_us=HOUR, total=360, good=360, ideal_us=HOUR, good_ideal_us=HOUR)
    found = kpis(sums, 2 * HOUR, 0)
    assert (found.oee, found.teep, found.coverage) == (1, 1, 0.5)


def test_a_line_is_its_constraint_and_its_exit():
    sums = Sums(
        execute_us=HOUR - 600 * SECOND,
        breakdown_us=600 * SECOND,
        total=120,
        good=118,
        scrap=2,
        ideal_us=120 * 24 * SECOND,
        good_ideal_us=118 * 24 * SECOND,
        breakdowns=1,
    )
    line = LineSums(sums, exit_good=115, exit_covered=110, exit_ideal_us=110 * 24 * SECOND, scrap_ideal_us=72 * SECOND)
    found, lost = line_kpis(line, HOUR, 0), line_losses(line)
    assert found.oee == pytest.approx(110 * 24 / 3600)
    assert found.availability * found.performance * found.quality == pytest.approx(found.oee)
    assert lost.in_process_us == 5 * 24 * SECOND
    assert lost.defects_us == (2 + 3) * 24 * SECOND
    assert found.throughput_per_h == pytest.approx(115)


def test_rolled_throughput_yield_leaves_out_of_whom_no_unit_was_told():
    assert rolled_throughput_yield([(90, 100), (0, 0), (81, 90)]) == pytest.approx(0.81)
    assert rolled_throughput_yield([(0, 0)]) is None
    assert rolled_throughput_yield([(0, 5), (5, 5)]) == 0


def test_defects_per_million_opportunities():
    assert dpmo(9, 60, 1_000) == pytest.approx(150)  # 9 defects on 60 boards of 1000 joints
    assert dpmo(0, 0, 1_000) is dpmo(3, 60, 0) is None


def test_energy_of_no_good_part_is_absent_and_idle_is_a_share():
    assert energy(7_200_000, 1_800_000, 4) == Energy(2.0, 0.5, 0.25, 0.5)
    assert energy(3_600_000, 0, 0) == Energy(1.0, 0.0, 0.0, None)
    assert energy(0, 0, 5) == Energy(0.0, 0.0, None, None)  # nobody measured
