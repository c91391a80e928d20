"""Sessions that a command begins: their masters, and the environment that workers inherit."""

import os
import sys
from pathlib import Path

import pytest

from pannier.errors import UserError
from pannier.spark.sessions import _environment, is_local, retrying, session


@pytest.mark.parametrize(
    ("master", "tries_again"),
    [
        ("local", "local[1,4]"),
        ("local[3]", "local[3,4]"),
        ("local[*]", "local[*,4]"),
        ("local[3,2]", "local[3,2]"),
        ("local-cluster[2,1,512]", "local-cluster[2,1,512]"),
        ("spark://there:7077", "spark://there:7077"),
        ("yarn", "yarn"),
    ],
)
def test_a_task_of_this_machine_may_fail_as_often_as_elsewhere(
    master: str, tries_again: str
) -> None:
    assert retrying(master, 4) == tries_again
    assert is_local(master) == master.startswith("local")


def test_workers_run_this_interpreter_and_the_environment_is_put_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYSPARK_PYTHON", "another")
    monkeypatch.delenv("SPARK_LOCAL_IP", raising=False)
    with _environment(sys.executable, local=True):
        assert os.environ["PYSPARK_PYTHON"] == sys.executable
        assert os.environ["SPARK_LOCAL_IP"] == "127.0.0.1"
    assert os.environ["PYSPARK_PYTHON"] == "another"
    assert "SPARK_LOCAL_IP" not in os.environ
    with _environment(None, local=False):
        assert os.environ["PYSPARK_PYTHON"] == "another"


def test_java_that_a_variable_names_wrongly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with (
        pytest.raises(UserError, match="there is no Java in") as caught,
        session("local[2]", {}, "test"),
    ):
        pass
    assert "apt install openjdk-17-jre-headless" in caught.value.advice


def test_spark_connect_is_not_for_the_command() -> None:
    with (
        pytest.raises(UserError, match="can't work through Spark Connect"),
        session("sc://there", {}, "test"),
    ):
        pass
