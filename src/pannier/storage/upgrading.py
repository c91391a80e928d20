"""From an older format of the folder to the newest, one step after another.

A step takes a folder from one format to the next. It may be ended at any moment and is then begun
anew, so it must come to the same end whatever it finds half done. Its new number is written when it
has ended. Before the first step the folder's files are put aside, in `before-format-N`: what never
changes is linked, so that costs next to no room.
"""

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import orjson

from pannier._version import __version__
from pannier.errors import StorageError

Upgrade = Callable[[Path], None]

# By the format that a step begins with. Format 1 is the first.
UPGRADES: Final[Mapping[int, Upgrade]] = {}


def upgrade(
    path: Path,
    version: int,
    newest: int,
    note: Callable[[Path, bytes], None],
    upgrades: Mapping[int, Upgrade],
) -> None:
    """Bring a folder to the newest format. The caller holds it.

    Args:
        path: the database's folder.
        version: its format.
        newest: the format that it is to have.
        note: writes a small file so that a crash leaves the old or the new one.
        upgrades: the steps.

    Raises:
        StorageError: there is no way, or a step has failed; what was there is put aside.
    """
    if version == newest:
        return
    missing = [each for each in range(version, newest) if each not in upgrades]
    if missing:
        raise StorageError(
            f"the database in {path} has format {version}, which this pannier can't read any more",
            f"Open it once with a pannier that knows format {missing[0] + 1}.",
        )
    aside = path / f"before-format-{newest}"
    if not aside.exists():
        put_aside(path, aside)
    for number in range(version, newest):
        try:
            upgrades[number](path)
        except Exception as error:
            raise StorageError(
                f"the upgrade of {path} to format {number + 1} failed: {error}",
                f"Open it again to go on; what was there before is in {aside}.",
            ) from error
        marker = {"format": number + 1, "created_by": f"pannier {__version__}"}
        note(path / "format.json", orjson.dumps(marker))


def put_aside(path: Path, aside: Path) -> None:
    """Copy a folder's marker and store into a new folder, whole or not at all."""
    fresh = aside.with_name(aside.name + ".unfinished")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    copy_store(path / "data", fresh / "data")
    shutil.copyfile(path / "format.json", fresh / "format.json")
    fresh.rename(aside)


def copy_store(source: Path, target: Path) -> None:
    """Copy the files of a store that nobody writes; what never changes is linked if it can be."""
    target.mkdir(parents=True)
    if not source.is_dir():
        return
    for file in sorted(source.iterdir()):
        if not file.is_file() or file.name == "LOCK":
            continue
        if file.suffix == ".sst":
            try:
                os.link(file, target / file.name)
                continue
            except OSError:
                pass  # another file system, or one without links
        shutil.copyfile(file, target / file.name)
