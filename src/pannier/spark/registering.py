"""The data source made known to a session, with what only the session can tell."""

from typing import TYPE_CHECKING

from pannier.spark.changes.streaming import ChangesSource
from pannier.spark.pace.budgets import slots
from pannier.spark.source import PannierSource

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_PUSHDOWN = "spark.sql.python.filterPushdown.enabled"


def register(spark: "SparkSession") -> None:
    """Make the formats `pannier` (read, write) and `pannier-changes` (streams) known to a session.

    Filters are handed to Python data sources only if `spark.sql.python.filterPushdown.enabled` is
    true, so this is set. How many tasks run at the same time, among which budgets are divided, is
    taken from the session now; `concurrentTasks` says it otherwise.

    Args:
        spark: the session; of Spark Connect as well, which does not tell how many tasks run.
    """
    spark.conf.set(_PUSHDOWN, "true")
    members = {
        "slots": slots_of(spark),
        "speculates": spark.conf.get("spark.speculation", "false") == "true",
        "__doc__": PannierSource.__doc__,
    }
    # A class of its own, so that it is sent to other processes as it is, with what was taken.
    spark.dataSource.register(type("RegisteredSource", (PannierSource,), members))
    spark.dataSource.register(ChangesSource)


def slots_of(spark: "SparkSession") -> int | None:
    """How many tasks a session can run at the same time; None if that is unknown."""
    from pyspark.errors import PySparkException

    try:
        context = spark.sparkContext
        return slots(context.getConf().get, int(context.defaultParallelism))
    except (PySparkException, AttributeError):  # Spark Connect
        return None
