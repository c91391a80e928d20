"""The session of Spark, as a fixture for whatever folder of tests needs one."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.spark.session import folder, started

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.fixture(scope="session")
def spark() -> Iterator["SparkSession"]:
    """A session with the data source registered."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder())
        session = started(patch.setenv)
        yield session
        session.stop()
