"""A write and a read on a small cluster, of which an executor is lost each time.

    python -m tests.spark.lost_executor URL REPORT

Two executors, each a JVM of its own with one core; one of them is killed (SIGKILL) while its Python
worker is busy, and Spark starts another. Prints which were killed, and what was read.
"""

import json
import sys
from collections.abc import Sequence

from benchmarks.spark_home import SETTINGS
from tests.spark.killing import executors, killing
from tests.spark.shop import TABLE

MASTER = "local-cluster[2,1,512]"
ROWS = 6000
PARTS = 6
PAYLOAD = "x" * 1500


def main(arguments: Sequence[str]) -> None:
    """Write, and read."""
    from pyspark.sql import SparkSession

    import pannier.spark

    url, report = arguments
    builder = SparkSession.builder.master(MASTER)
    for name, value in {**SETTINGS, "spark.executor.memory": "512m"}.items():
        builder = builder.config(name, value)
    spark = builder.config("spark.sql.execution.arrow.maxRecordsPerBatch", "100").getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    pannier.spark.register(spark)
    rows = spark.range(0, ROWS, 1, PARTS).selectExpr(
        "concat('k', id) AS PK", "id AS n", f"'{PAYLOAD}' AS payload"
    )
    writer = rows.write.format("pannier").mode("append").option("target", url)
    with killing(url, 1, executors) as lost_in_write:
        writer.option("parallel", "2").option("report", report).save(TABLE)
    reader = spark.read.format("pannier").schema("n long, payload string").option("target", url)
    with killing(url, 1, executors) as lost_in_read:
        read = reader.option("segments", str(PARTS)).load(TABLE).collect()
    spark.stop()
    told = {
        "lost_in_write": lost_in_write.pids,
        "lost_in_read": lost_in_read.pids,
        "read": sorted(row.n for row in read),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1:])
