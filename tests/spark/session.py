"""A session of Spark on this machine, for the tests that need one: two tasks at a time.

The JVM is started once for all tests of a process, and its Python workers with it; whatever they
shall find in their environment has to be there before. A task may fail three times and be tried
again, as on a cluster (on `local[2]` the first failure is the last).
"""

import os
import shutil
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MASTER = "local[2,4]"
SECRET = "a-secret-that-must-stay-where-it-is"
_NO_JAVA = "Spark needs Java, which is not here. Install it: apt install openjdk-17-jre-headless"
_CONF = {
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.session.timeZone": "Europe/Berlin",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.memory": "512m",
}


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator["SparkSession"]:
    """A session with the data source registered."""
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        pytest.fail(_NO_JAVA)
    from pyspark.sql import SparkSession

    import pannier.spark

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        patch.setenv("AWS_ACCESS_KEY_ID", "local")
        patch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.chdir(tmp_path_factory.mktemp("spark"))
        builder = SparkSession.builder.master(MASTER)
        for name, value in _CONF.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
        session.sparkContext.setLogLevel("OFF")
        pannier.spark.register(session)
        yield session
        session.stop()
