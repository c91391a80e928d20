"""The session of Spark that a command works in: one of its own, or the one that is there.

On this machine its Python workers run the interpreter that the command runs in, and a task that
fails is tried again, as on a cluster; Spark's own `local[2]` gives up at the first failure. What
the JVM says goes to a file that nobody sees, unless the user asks for a level of the log: what is
worth knowing is said by the command. If there is no session, the file's end is the reason.
"""

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from pannier.errors import UserError
from pannier.spark.registering import register

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ACTIVE: Final = "active"
"""The master's name for the session that is there: of `spark-submit`, or of a notebook."""

_LOG_LEVEL: Final = "spark.log.level"
_PYTHON: Final = "spark.pyspark.python"
_FAILURES: Final = "spark.task.maxFailures"
_FAILURES_MAX: Final = 4  # Spark's own default on a cluster
_GATEWAY: Final = "PYSPARK_GATEWAY_PORT"  # set by spark-submit, which has started the JVM
_LOCAL: Final = re.compile(r"local(?:\[\s*([^,\]]+?)\s*\])?")
_STANDARD_ERROR: Final = 2
_JAVA: Final = (
    "Install it: apt install openjdk-17-jre-headless (Debian, Ubuntu). If it is there, let "
    "JAVA_HOME name its folder."
)
_SETTINGS: Final[Mapping[str, str]] = {
    "spark.ui.showConsoleProgress": "false",
    _LOG_LEVEL: "ERROR",
}
_OF_THIS_MACHINE: Final[Mapping[str, str]] = {
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
}


@contextmanager
def session(master: str, settings: Mapping[str, str], name: str) -> Iterator["SparkSession"]:
    """A session in which the data source is known; ended with the block, if it was begun with it.

    Args:
        master: Spark's address of a cluster, `local[N]`, or `active`.
        settings: Spark's own, which win.
        name: of the application.

    Raises:
        UserError: there is no Java, or no such session.
    """
    _check(master)
    with ExitStack() as stack:
        if master == ACTIVE:
            found = stack.enter_context(_active(settings, name))
        else:
            found = stack.enter_context(_started(master, settings, name))
        register(found)
        yield found


def is_local(master: str) -> bool:
    """Whether all of Spark runs on this machine, and ends with the command."""
    return master.startswith("local")


def retrying(master: str, failures_max: int) -> str:
    """A local master whose tasks may fail; any other as it is.

    Args:
        master: as the user wrote it.
        failures_max: how often a task may fail until the job does.
    """
    found = _LOCAL.fullmatch(master)
    return f"local[{found[1] or 1},{failures_max}]" if found else master


def _check(master: str) -> None:
    if master.startswith("sc://"):
        raise UserError(
            f"the command can't work through Spark Connect ({master})",
            "Give the address of the cluster itself: yarn, spark://HOST:PORT, k8s://...; or use "
            "the data source in a program of your own: docs/spark.md.",
        )
    if master == ACTIVE or _GATEWAY in os.environ:
        return
    home = os.environ.get("JAVA_HOME")
    if home and not (Path(home) / "bin" / "java").exists():
        raise UserError(f"there is no Java in {home}, which JAVA_HOME names", _JAVA)
    if not home and shutil.which("java") is None:
        raise UserError("Spark needs Java, which is not here", _JAVA)


@contextmanager
def _active(settings: Mapping[str, str], name: str) -> Iterator["SparkSession"]:
    from pyspark.sql import SparkSession

    found = SparkSession.getActiveSession()
    if found is not None:
        if settings:
            raise UserError(
                "the session that is there has its settings already",
                "Leave --spark-conf out, and give them where the session is begun.",
            )
        yield found
        return
    if _GATEWAY not in os.environ:
        raise UserError(
            "there is no session of Spark to work in",
            "`--spark active` is for a command that spark-submit has started, or that a notebook "
            "runs. Else name the master: --spark 'local[4]', --spark yarn.",
        )
    builder = SparkSession.builder.appName(name)
    for key, value in settings.items():
        builder = builder.config(key, value)
    made = builder.getOrCreate()
    try:
        yield made
    finally:
        made.stop()


@contextmanager
def _started(master: str, settings: Mapping[str, str], name: str) -> Iterator["SparkSession"]:
    from pyspark.sql import SparkSession

    if SparkSession.getActiveSession() is not None:
        raise UserError(
            "this process has a session of Spark already", "Work in it: --spark active."
        )
    local = is_local(master)
    known = {**_SETTINGS, **(_OF_THIS_MACHINE if local else {}), **settings}
    failures_max = int(known[_FAILURES]) if known.get(_FAILURES, "").isdigit() else _FAILURES_MAX
    builder = SparkSession.builder.master(retrying(master, failures_max)).appName(name)
    for key, value in known.items():
        builder = builder.config(key, value)
    python = settings.get(_PYTHON) or (sys.executable if local else None)
    with tempfile.TemporaryFile() as log, _environment(python, local=local):
        quiet = _LOG_LEVEL not in settings and _GATEWAY not in os.environ
        try:
            with _saying_into(log if quiet else None):
                found = builder.getOrCreate()
        except Exception as error:  # of py4j, of PySpark, of the JVM
            raise _not_started(master, error, log) from None
        try:
            yield found
        finally:
            found.stop()


@contextmanager
def _environment(python: str | None, *, local: bool) -> Iterator[None]:
    """The environment that workers inherit."""
    wanted = {} if python is None else {"PYSPARK_PYTHON": python}
    if local and "SPARK_LOCAL_IP" not in os.environ:
        wanted["SPARK_LOCAL_IP"] = "127.0.0.1"
    before = {key: os.environ.get(key) for key in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for key, value in before.items():
            if value is None:
                del os.environ[key]
            else:
                os.environ[key] = value


@contextmanager
def _saying_into(log: IO[bytes] | None) -> Iterator[None]:
    """Processes that are started in the block have this file for their standard error."""
    if log is None:
        yield
        return
    sys.stderr.flush()
    kept = os.dup(_STANDARD_ERROR)
    os.dup2(log.fileno(), _STANDARD_ERROR)
    try:
        yield
    finally:
        os.dup2(kept, _STANDARD_ERROR)
        os.close(kept)


def _not_started(master: str, error: Exception, log: IO[bytes]) -> UserError:
    log.seek(0)
    said = log.read().decode(errors="replace")
    causes = re.findall(r"(?:Exception|Error): ([^\n]+)", f"{said}\n{error}")
    reason = causes[-1] if causes else str(error).partition("\n")[0]
    return UserError(
        f"Spark can't be started with the master {master}: {reason}",
        "A master is local[N] for N tasks at a time on this machine, yarn, spark://HOST:PORT, or "
        "k8s://...; --spark-conf spark.log.level=INFO shows what Spark says.",
    )
