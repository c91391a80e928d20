"""Which errors leave a Python process of Spark's without their traceback."""

import os

import pytest

from pannier.errors import UserError
from pannier.spark.plain_errors import told_plainly

HIDE = "SPARK_HIDE_TRACEBACK"


def raised(error: Exception) -> None:
    with told_plainly():
        raise error


@pytest.mark.parametrize(
    ("error", "hides"), [(UserError("no table"), True), (ZeroDivisionError(), False)]
)
def test_only_what_pannier_says_on_purpose_is_told_without_a_traceback(
    error: Exception, hides: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A traceback of anything else is what its reader needs."""
    monkeypatch.setenv(HIDE, "")
    with pytest.raises(type(error)):
        raised(error)
    assert bool(os.environ[HIDE]) == hides
