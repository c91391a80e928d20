"""A job tells the garbage collector to look seldom, for the time of its job and no longer."""

import gc

from pannier.batch.collecting import seldom_collecting


def test_the_collector_is_as_it_was_when_the_job_has_ended() -> None:
    before = gc.get_threshold()
    with seldom_collecting():
        assert gc.get_threshold()[0] > before[0]
        assert gc.get_freeze_count() > 0
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0
