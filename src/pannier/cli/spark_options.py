"""`--spark MASTER`: the same job on many machines; and what has no meaning there."""

import argparse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from pannier.batch.target import Target
from pannier.errors import UserError
from pannier.targets.resolve import target_name

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from pannier.spark.place import Place

_NEEDED: Final = ("pyspark", "pandas", "pyarrow")
_AGAIN: Final = (
    "Leave it out. After the job was ended, give the same command again: puts replace what is "
    "there, and nothing comes twice."
)
_NO_JOURNAL: Final = ("a job on Spark has no journal: Spark itself tries again what fails", _AGAIN)
_FAILURES: Final = (
    "Leave it out; --failures FOLDER keeps them all, and the exit status says that there are some."
)
# Options that mean nothing there, or something else: why, and what to do instead.
_REFUSED: Final[Mapping[str, tuple[str, str]]] = {
    "journal": _NO_JOURNAL,
    "resume": _NO_JOURNAL,
    "fail_fast": (
        "tasks on several machines do not know of each other's failures",
        _FAILURES,
    ),
    "every_write": (
        "parts of the files are written side by side, so that no order holds between them",
        "Leave out --spark, or write files in which each key occurs once.",
    ),
    "limit": (
        "tasks that read side by side do not count together",
        "Leave out --spark: so many items are read soon.",
    ),
    "sample": (
        "a sample is small",
        "Leave out --spark: it is read in a moment.",
    ),
    "types_header": (
        "CSV is not written on Spark",
        "Write lines or Parquet; or leave out --spark.",
    ),
}


def add_spark(parser: argparse.ArgumentParser) -> None:
    """`--spark` and `--spark-conf`."""
    parser.add_argument(
        "--spark",
        metavar="MASTER",
        help="run the job on Spark, as many tasks: local[N] for N at a time on this machine, yarn, "
        "spark://HOST:PORT, k8s://..., or active for the session of spark-submit or a notebook; "
        "--parallel is then that of each task, budgets are those of all, and --failures is a "
        "folder that all can reach",
    )
    parser.add_argument(
        "--spark-conf",
        action="append",
        default=[],
        type=setting,
        metavar="KEY=VALUE",
        help="a setting of Spark, e.g. spark.executor.instances=8; may be given several times",
    )


def setting(text: str) -> tuple[str, str]:
    """A setting of Spark, for `argparse`."""
    key, equals, value = text.partition("=")
    if not equals or not key.startswith("spark."):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no setting of Spark: write spark.executor.instances=8"
        )
    return key, value


def check_spark(options: argparse.Namespace) -> None:
    """Refuse what has no meaning on Spark; before anything is opened.

    Raises:
        UserError: there is such an option, or Spark is not installed.
    """
    if options.spark is None:
        if options.spark_conf:
            raise UserError("--spark-conf is for a job on Spark", "Name the master with --spark.")
        return
    for name, (reason, advice) in _REFUSED.items():
        if getattr(options, name, None):
            option = "--" + name.replace("_", "-")
            raise UserError(f"{option} and --spark don't go together: {reason}", advice)
    for option in ("target", "to_target"):
        given = target_name(getattr(options, option, None) or options.target)
        if given.partition("?")[0] == "memory":
            raise _room_for_one("--" + option.replace("_", "-"), given)
    for name in _NEEDED:
        if find_spec(name) is None:
            raise UserError(
                f"--spark needs {name}, which is not installed",
                "Install it: pip install 'pannier[spark]'.",
            )


def place_of(given: str | None, target: Target, option: str = "--target") -> "Place":
    """The place that a target is for other processes.

    Args:
        given: its name, as on the command line.
        target: it, as this process has it.
        option: that names it.

    Raises:
        UserError: only this process has it.
    """
    from pannier.spark.place import Place

    name = target_name(given)
    if name == "aws" or "://" in name:
        return Place.of(name)
    url = getattr(target, "url", None)  # a server may have the folder
    if url is None:
        raise _room_for_one(option, name)
    return Place.of(url)


@contextmanager
def spark_session(options: argparse.Namespace) -> Iterator["SparkSession"]:
    """The session that the command line asks for.

    Raises:
        UserError: there is no Java, or no such session.
    """
    from pannier.spark.sessions import session

    with session(options.spark, dict(options.spark_conf), f"pannier {options.command}") as found:
        yield found


def _room_for_one(option: str, name: str) -> UserError:
    return UserError(
        f"a job on Spark has many processes, and the target {name} has room for one",
        f"Serve it: pannier serve. Then give its address: {option} http://127.0.0.1:8000.",
    )
