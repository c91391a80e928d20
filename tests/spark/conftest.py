"""One session of Spark for all tests of this folder."""

from tests.spark.fixture import spark

__all__ = ["spark"]
