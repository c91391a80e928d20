"""The data source that Spark knows as `pannier`.

What of it runs where: `schema`, `reader` and `writer` in a Python process beside the driver, made
anew for each step of the planning; what they return goes to the executors. So nothing is kept here
but options, and each step settles for itself what it needs.
"""

from typing import TYPE_CHECKING, ClassVar

from pyspark.sql.datasource import DataSource

from pannier.spark.options import ReadOptions
from pannier.spark.plain_errors import told_plainly

if TYPE_CHECKING:
    from pyspark.sql.datasource import DataSourceReader, DataSourceWriter
    from pyspark.sql.types import StructType


class PannierSource(DataSource):
    """Tables of DynamoDB, read and written in batches."""

    # How many tasks run at the same time, as far as the session knew when it registered.
    slots: ClassVar[int | None] = None
    # Whether the session runs slow tasks twice.
    speculates: ClassVar[bool] = False

    @classmethod
    def name(cls) -> str:
        """The format's name."""
        return "pannier"

    def schema(self) -> "StructType":
        """The schema of a sample of the table's items; of whole items there is nothing to ask."""
        from pannier.spark.inferring import inferred
        from pannier.spark.whole_items import SCHEMA

        with told_plainly():
            options = ReadOptions.of(self.options)
            return SCHEMA if options.items == "json" else inferred(options)

    def reader(self, schema: "StructType") -> "DataSourceReader":
        """What reads the table into this schema."""
        from pannier.spark.reading import TableReader

        with told_plainly():
            return TableReader(ReadOptions.of(self.options), schema, self.slots)

    def writer(self, schema: "StructType", overwrite: bool) -> "DataSourceWriter":
        """What writes a data frame of this schema."""
        from pannier.spark.write_options import WriteOptions
        from pannier.spark.write_plan import check_mode, planned
        from pannier.spark.writing import TableWriter

        with told_plainly():
            check_mode(overwrite=overwrite)
            options = WriteOptions.of(self.options)
            return TableWriter(planned(options, schema, self.slots, speculates=self.speculates))
