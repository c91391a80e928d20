"""Jobs that outgrow one machine, on Spark: a data source, and reads by key.

    import pannier.spark

    pannier.spark.register(spark)
    orders = spark.read.format("pannier").option("target", "aws").load("Orders")
    known = pannier.spark.get(keys, "Orders", target="aws", how="left")
    changes = spark.readStream.format("pannier-changes").option("target", "aws").load("Orders")

Reading and writing, filters and schemas: `docs/spark.md`. PySpark 4.1 or newer is needed; nothing
here is imported by the rest of the package.
"""

from pannier.spark.reads.joining import get
from pannier.spark.registering import register
from pannier.spark.writes.ordering import by_key

__all__ = ["by_key", "get", "register"]
