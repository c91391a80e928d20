"""Looking again and again, while the place comes and goes."""

import pytest

from pannier.errors import UserError
from pannier.monitoring.source import MetricsError
from pannier.monitoring.watching import RANGES, Sight, Watch
from tests.monitoring.scripted_source import NOW_S, ScriptedSource, of_table


class Gone(ScriptedSource):
    """A place that does not answer."""

    def metrics(self) -> list[object]:  # type: ignore[override]
        raise MetricsError("nobody answers", "Start it.")


class WithoutTables(ScriptedSource):
    """A place where there is no table."""

    def has_table(self, name: str) -> bool | None:
        return False


def test_after_an_error_the_place_is_found_anew() -> None:
    here = ScriptedSource({(of_table("ConsumedReadCapacityUnits"), "Sum"): {}}, is_near=True)
    places = [Gone(is_near=True), here]
    watch = Watch(lambda: places.pop(0))
    with pytest.raises(MetricsError):
        watch.look(Sight())
    assert not watch.is_near
    assert watch.look(Sight()).tables == ("shop",)
    assert watch.look(Sight()).tables == ("shop",)  # the same place as before
    assert watch.is_near


def test_what_is_no_table_is_told() -> None:
    with pytest.raises(UserError, match="no table shop") as caught:
        Watch(WithoutTables).look(Sight(("shop",)))
    assert "pannier tables" in caught.value.advice
    assert Watch(ScriptedSource).look(Sight(("shop",))).silent == ("shop",)


def test_times_may_be_given() -> None:
    reading = Watch(ScriptedSource).look(Sight(times_s=(NOW_S - 7200, NOW_S - 3600)))
    assert reading.span.end_s - reading.span.start_s == 3660


@pytest.mark.parametrize("length", RANGES)
def test_every_range_that_is_offered_can_be_read(length: str) -> None:
    assert Watch(ScriptedSource).look(Sight(length=length)).span.times_s
