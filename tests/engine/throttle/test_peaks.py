"""On demand: ready for twice the previous peak, half an hour after it."""

from pannier.engine.throttle.peaks import Peaks


def run(peaks: Peaks, start_s: float, minutes: int, units_per_s: float) -> None:
    """Consume at a steady rate."""
    for second in range(minutes * 60):
        peaks.add(units_per_s, start_s + second)


def test_traffic_within_reach_changes_nothing():
    peaks = Peaks(4000)
    run(peaks, 0, 90, 1900)
    assert peaks.ready_for == 4000


def test_a_peak_counts_double_once_it_is_half_an_hour_old():
    peaks = Peaks(4000)
    run(peaks, 0, 30, 3500)
    assert peaks.ready_for == 4000  # no minute of it is 30 minutes old yet
    run(peaks, 1800, 2, 3500)
    assert peaks.ready_for == 7000


def test_a_peak_is_never_forgotten():
    peaks = Peaks(4000)
    run(peaks, 0, 1, 4000)
    run(peaks, 86_400, 1, 1)
    run(peaks, 864_000, 1, 1)
    assert peaks.ready_for == 8000


def test_a_minute_is_measured_as_a_whole():
    """A second of 4,000 and 59 of nothing is no peak of 4,000 a second."""
    peaks = Peaks(100)
    peaks.add(4000, 0.0)
    peaks.add(1, 3600.0)
    assert peaks.ready_for == 2 * 4000 / 60


def test_a_clock_that_goes_back_neither_piles_up_nor_waits_for_itself():
    """A peak of tomorrow counts half an hour after the clock was put right."""
    peaks = Peaks(100)
    run(peaks, 86_400, 1, 200)
    peaks.add(1, 0.0)
    peaks.add(1, 31 * 60.0)
    assert peaks.ready_for == 400
    for minute in range(10_000, 0, -1):
        peaks.add(1, minute * 60.0)
    assert len(peaks._recent) < 100
