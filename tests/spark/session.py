"""A session of Spark on this machine, one for each process: two tasks at a time.

The JVM is started once, and its Python workers with it; whatever they shall find in their
environment, and where relative paths lead, has to be there before. A task may fail three times and
be tried again, as on a cluster (on `local[2]` the first failure is the last).
"""

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import chdir
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MASTER = "local[2,4]"
SECRET = "a-secret-that-must-stay-where-it-is"
ENVIRONMENT: Mapping[str, str] = {
    "PYSPARK_PYTHON": sys.executable,
    "SPARK_LOCAL_IP": "127.0.0.1",
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": SECRET,
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}
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


@cache
def folder() -> Path:
    """Where the JVM is at home."""
    made = Path(tempfile.mkdtemp(prefix="pannier-spark-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def started(set_environment: Callable[[str, str], None]) -> "SparkSession":
    """The session of this process with the data source registered; begun if there is none.

    Args:
        set_environment: sets a variable of this process.
    """
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        pytest.fail(_NO_JAVA)
    from pyspark.sql import SparkSession

    import pannier.spark

    for name, value in ENVIRONMENT.items():
        set_environment(name, value)
    builder = SparkSession.builder.master(MASTER)
    for name, value in _CONF.items():
        builder = builder.config(name, value)
    with chdir(folder()):
        session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    pannier.spark.register(session)
    return session
