"""Spark as pip installs it, for sessions with executors in processes of their own.

With `local-cluster[EXECUTORS,CORES,MB]` Spark starts a small cluster on this machine, and keeps its
executors' logs in the folder in which it is installed. So it is given one that looks like it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pannier

SETTINGS: Final[Mapping[str, str]] = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "1g",
}
"""Of a session that stays on this machine and shows nothing."""


def home(folder: Path) -> Path:
    """A folder that looks like the one in which Spark is installed; made in *folder*."""
    import pyspark

    made = folder / "spark"
    made.mkdir(parents=True)
    for each in Path(pyspark.__file__).parent.iterdir():
        if each.name != "work":
            (made / each.name).symlink_to(each)
    return made


def environment(folder: Path) -> dict[str, str]:
    """The environment of a process that will start Spark; what it leaves behind is in *folder*.

    Executors work in folders of their own; they find the same Pannier as this process.
    """
    own = [str(Path(pannier.__file__).parents[1]), str(Path(__file__).parents[1])]
    others = [each for each in [os.environ.get("PYTHONPATH")] if each]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(own + others),
        "SPARK_HOME": str(home(folder)),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_DIRS": str(folder),
        "PYSPARK_PYTHON": sys.executable,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
