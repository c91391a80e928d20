"""Which job a journal belongs to: the command, the target, the sources, and how they are read.

A job may go on only with the same sources on the same target; anything else would leave operations
out, or send them to the wrong place. A source is told by its path, size, time of change, and a
digest of its first bytes; a folder by those of all its files.
"""

import hashlib
import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from pannier.batch.journals.journal_file import JournalError
from pannier.limits import KIB

_FINGERPRINT_BYTES: Final = 64 * KIB
_FILES_MAX: Final = 100_000


@dataclass(frozen=True, slots=True)
class SourceIdentity:
    """A file or folder, as it was when the job began.

    Attributes:
        path: absolute.
        size_bytes: of a folder, the sum of its files.
        modified_ns: when it was changed last; of a folder, the latest of its files.
        fingerprint: a digest of the beginning; of a folder, of names and sizes of its files.
    """

    path: str
    size_bytes: int
    modified_ns: int
    fingerprint: str

    @classmethod
    def of(cls, path: Path) -> Self:
        """The identity of what is there now.

        Raises:
            JournalError: it can't be read, or not twice, as a pipe.
        """
        absolute = path.absolute()
        try:
            status = absolute.stat()
            if stat.S_ISDIR(status.st_mode):
                return cls(str(absolute), *_of_folder(absolute))
            if not stat.S_ISREG(status.st_mode):
                raise JournalError(
                    f"{path} can't be read a second time, so a job from it can't go on later",
                    "Save it to a file first, or leave --journal and --resume out.",
                )
            with absolute.open("rb") as file:
                digest = hashlib.sha256(file.read(_FINGERPRINT_BYTES)).hexdigest()
        except OSError as error:
            raise JournalError(f"{path} can't be read: {error.strerror}") from None
        return cls(str(absolute), status.st_size, status.st_mtime_ns, digest)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """The way back from `to_json`."""
        return cls(value["path"], value["size_bytes"], value["modified_ns"], value["fingerprint"])

    def to_json(self) -> dict[str, Any]:
        """The identity as plain values."""
        return {
            "path": self.path,
            "size_bytes": self.size_bytes,
            "modified_ns": self.modified_ns,
            "fingerprint": self.fingerprint,
        }

    def difference(self, now: "SourceIdentity") -> str:
        """What has changed since; empty if nothing has."""
        if now.size_bytes != self.size_bytes:
            return f"it had {self.size_bytes:,} bytes and has {now.size_bytes:,}"
        if now.fingerprint != self.fingerprint:
            return "its content is another"
        if now.modified_ns != self.modified_ns:
            return "it was changed since, or copied (its time of change is another)"
        return ""


@dataclass(frozen=True, slots=True)
class JobIdentity:
    """A job, as its journal knows it.

    Attributes:
        command: the subcommand, `write` or `get`.
        target: the target's name.
        sources: what is read, in order.
        options: what decides how the sources are read: table, format and so on.
    """

    command: str
    target: str
    sources: Sequence[SourceIdentity]
    options: Mapping[str, Any]

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """The way back from `to_json`."""
        sources = [SourceIdentity.from_json(each) for each in value["sources"]]
        return cls(value["command"], value["target"], sources, value["options"])

    def to_json(self) -> dict[str, Any]:
        """The identity as plain values."""
        return {
            "command": self.command,
            "target": self.target,
            "sources": [each.to_json() for each in self.sources],
            "options": dict(self.options),
        }

    @property
    def digest(self) -> str:
        """A short name for the job: the same for the same command line, whatever the files hold."""
        parts = [self.command, self.target, *(each.path for each in self.sources)]
        parts += [f"{name}={self.options[name]}" for name in sorted(self.options)]
        return hashlib.sha256("\0".join(parts).encode(errors="replace")).hexdigest()[:12]

    def check_same(self, now: "JobIdentity", journal: Path) -> None:
        """Refuse to go on with another job than this one.

        Args:
            now: the job that is to go on.
            journal: where this one was written down.

        Raises:
            JournalError: what is different, and what to do.
        """
        if now.command != self.command:
            raise _other(journal, f"is of `pannier {self.command}`, not of `pannier {now.command}`")
        if now.target != self.target:
            raise JournalError(
                f"the job of {journal} works on {self.target}, not on {now.target}",
                f"Name its target with --target, or begin another job on {now.target}: leave "
                "--resume out, and give it a journal of its own.",
            )
        before, after = ([each.path for each in job.sources] for job in (self, now))
        if before != after:
            raise _other(journal, f"reads {', '.join(before)}, not {', '.join(after)}")
        for name in sorted(self.options.keys() | now.options.keys()):
            if self.options.get(name) != now.options.get(name):
                raise _other(
                    journal,
                    f"was begun with {_shown(name, self.options.get(name))}, not with "
                    f"{_shown(name, now.options.get(name))}",
                )
        for source, present in zip(self.sources, now.sources, strict=True):
            difference = source.difference(present)
            if difference:
                raise JournalError(
                    f"{source.path} is not what the job of {journal} began with: {difference}",
                    "Put the file back as it was (if only its time is another: touch -d "
                    f"@{source.modified_ns / 1e9:.9f} FILE), or begin again: delete the journal "
                    "and leave --resume out.",
                )


def _other(journal: Path, difference: str) -> JournalError:
    return JournalError(
        f"the job of {journal} {difference}",
        "Give the command as it was, with --resume; or leave --resume out to begin another job.",
    )


def _shown(option: str, value: object) -> str:
    name = "--" + option.replace("_", "-")
    return f"no {name}" if value in (None, False) else f"{name} {value}"


def _of_folder(folder: Path) -> tuple[int, int, str]:
    """Size, time of change and fingerprint of a folder's files."""
    digest = hashlib.sha256()
    size_bytes = modified_ns = count = 0
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(place, name)
            status = path.stat()
            digest.update(
                f"{path.relative_to(folder)}\0{status.st_size}\0".encode(errors="replace")
            )
            size_bytes += status.st_size
            modified_ns = max(modified_ns, status.st_mtime_ns)
            count += 1
            if count > _FILES_MAX:
                raise JournalError(
                    f"{folder} holds more than {_FILES_MAX:,} files",
                    "Name the files of the job in smaller groups, or a folder further down.",
                )
    return size_bytes, modified_ns, digest.hexdigest()
