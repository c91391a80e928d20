"""Where the command keeps the journals of its jobs, and how it finds one again.

A job from files that can be read again has a journal without being asked: in `.pannier-jobs`, under
a name made of the command line, as soon as it is a second old; it is removed when the job is
complete. `--journal FILE` names one that stays. `--resume` goes on with either.
"""

import argparse
import hashlib
import shlex
import sys
import time
from pathlib import Path
from typing import Any, Final, TypeVar

from pannier.batch.journals.job_identity import JobIdentity, SourceIdentity
from pannier.batch.journals.job_journal import JournalOf
from pannier.batch.journals.journal_file import JournalError, read_journal
from pannier.batch.target import Target
from pannier.files.opening import PIPE, opened, path_of
from pannier.limits import KIB
from pannier.targets.resolve import DEFAULT_FOLDER, target_name

_Journal = TypeVar("_Journal", bound=JournalOf[Any])
FOLDER: Final = Path(".pannier-jobs")
_HEAD_BYTES: Final = 64 * KIB
# Options that say how a job runs, not which job it is.
_OF_THE_RUN: Final = frozenset(
    {
        "command", "run", "given", "files", "file", "target", "parallel", "give_up_after",
        "write_units", "read_units", "every_write", "fail_fast", "report", "publish", "failures",
        "journal", "resume", "dry_run", "yes", "spark", "spark_conf",
    }
)  # fmt: skip


def add_journal(parser: argparse.ArgumentParser) -> None:
    """`--journal` and `--resume`."""
    parser.add_argument(
        "--journal",
        metavar="FILE",
        help="where it is noted what is done, so that the job can go on after it was ended "
        f"(default: in {FOLDER} while the job is under way)",
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="go on with the same command that was ended before; with --journal if it had that",
    )


def journal_of(
    options: argparse.Namespace,
    sources: list[str] | None,
    target: Target,
    kind: type[_Journal],
) -> _Journal | None:
    """The journal of the job that a command line describes; None if it can't have one.

    Args:
        options: the command line.
        sources: the files that are read, as the user named them; None if the output is not kept.
        target: what the job works on.
        kind: what the journal notes.

    Raises:
        JournalError: the job shall go on, and can't; or the named journal can't be made.
    """
    asked = options.resume or options.journal
    if sources is None:
        if asked:
            raise JournalError(
                "a job that writes to standard output can't go on later",
                "Name a file with --out, or leave --journal and --resume out.",
            )
        return None
    place = _place(options.target, target)
    if place is None:
        if asked:
            raise JournalError(
                f"a job on {target.name} can't go on later: its target is gone with it",
                "Leave --journal and --resume out, or use another target.",
            )
        return None
    try:
        identity = JobIdentity(
            options.command,
            place,
            [_source(name) for name in sources],
            {
                name: _plain(value)
                for name, value in vars(options).items()
                if name not in _OF_THE_RUN
            },
        )
    except JournalError:
        if asked:
            raise
        return None
    path = Path(options.journal) if options.journal else FOLDER / f"{identity.digest}.journal"
    if options.resume:
        _check_there(path, options)
        return kind.go_on(path, identity, temporary=not options.journal)
    journal = kind.begin(path, identity, temporary=not options.journal)
    if not options.journal and path.exists():
        sys.stderr.write(
            "pannier: this job was begun before and is not complete; it begins again now "
            "(--resume would go on)\n"
        )
    return journal


def go_on_line(options: argparse.Namespace) -> str:
    """The command that goes on with a job."""
    given = [each for each in options.given if each != "--resume"]
    return shlex.join(["pannier", *given, "--resume"])


def forget_folder() -> None:
    """Remove the folder of the journals, if there is none in it."""
    try:
        FOLDER.rmdir()
    except OSError:
        return  # others are there, or it never was


def _check_there(path: Path, options: argparse.Namespace) -> None:
    if path.exists():
        return
    if options.journal:
        raise JournalError(
            f"there is no journal {path}, so there is nothing to go on with",
            "Leave --resume out to begin the job; it makes the journal.",
        )
    advice = (
        "It may be complete, or it was ended in its first second, or the command line is not the "
        "same. Leave --resume out to begin it; to write the same items again does no harm."
    )
    others = "".join(f"\n  {each}" for each in _unfinished())
    if others:
        advice += f"\nJobs that are not complete:{others}"
    raise JournalError(
        f"there is nothing to go on with: this command has left no journal in {FOLDER.absolute()}",
        advice,
    )


def _unfinished() -> list[str]:
    found = []
    for path in sorted(FOLDER.glob("*.journal")):
        try:
            content = read_journal(path)
            job = JobIdentity.from_json(content.head["job"])
        except (JournalError, KeyError, TypeError):
            continue
        day = time.strftime("%Y-%m-%d %H:%M", time.localtime(content.head["began_at"]))
        sources = ", ".join(each.path for each in job.sources) or job.options.get("table", "")
        found.append(f"{day}  {job.command} {sources} on {job.target}")
    return found


def _place(given: str | None, target: Target) -> str | None:
    """A name for the target that stays the same between runs; None if it does not outlive one."""
    name = target_name(given).partition("?")[0]
    if name == "memory":
        return None
    if name == "local" or name.startswith("local:"):
        folder = Path(name.partition(":")[2] or DEFAULT_FOLDER)
        return f"local:{folder.absolute()}"
    return name if "://" in name else target.name


def _source(name: str) -> SourceIdentity:
    """What a file is now.

    Raises:
        JournalError: it can't be read twice.
    """
    if name == PIPE:
        raise JournalError(
            "standard input can't be read a second time, so a job from it can't go on later",
            "Save it to a file first, or leave --journal and --resume out.",
        )
    if "://" not in path_of(name):
        return SourceIdentity.of(Path(path_of(name)))
    with opened(name) as file:
        digest = hashlib.sha256(file.read(_HEAD_BYTES))
        details: Any = getattr(file, "details", None)
        marks = details if isinstance(details, dict) else {}
        for mark in ("ETag", "LastModified", "VersionId"):
            digest.update(str(marks.get(mark)).encode())
        return SourceIdentity(name, int(getattr(file, "size", 0) or 0), 0, digest.hexdigest())


def _plain(value: object) -> Any:
    return value if isinstance(value, str | int | float | bool | list | None) else str(value)
