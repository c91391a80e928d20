"""What can be read of a damaged database, saved into a new folder. The old one stays as it is."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from pannier.engine.checking import Findings, check_store
from pannier.engine.keeping.rebuilding import Rebuilding, Rebuilt
from pannier.engine.rows import SPACE_BYTES
from pannier.errors import StorageError
from pannier.storage.backup_files import check_vacant
from pannier.storage.folder import DatabaseFolder, check_format_is_newest, kept_still
from pannier.storage.rocks import RocksStore
from pannier.storage.salvaging import nothing_left, readable

STRAYS: Final = "strays"


@dataclass
class Repaired:
    """What came of a repair.

    Attributes:
        rebuilt: what was taken over, and what was lost.
        findings: of the check of the new folder.
    """

    rebuilt: Rebuilt
    findings: Findings


def repair(path: Path, target: Path, progress: Callable[[int], None] = lambda _: None) -> Repaired:
    """Save what can be read of a database into a new folder.

    Args:
        path: the database's folder; nothing in it is changed.
        target: a new folder, or an empty one.
        progress: called now and then, with how many rows were taken over.

    Raises:
        StorageError: the folder is held or none, nothing in it can be read, or the disk refuses.
    """
    _check_marker(path)
    check_vacant(target)
    fresh = target.absolute().with_name(f".{target.absolute().name}.unfinished")
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        with kept_still(path), TemporaryDirectory(dir=_beside(target), prefix=".repair-") as work:
            repaired = _saved(path, fresh, target / STRAYS, Path(work), progress)
            if repaired.rebuilt.lost and not repaired.rebuilt.tables and not _has_strays(fresh):
                raise nothing_left(path, repaired.rebuilt.lost[-1])
        fresh.rename(target.absolute())
    except OSError as error:
        raise StorageError(
            f"{target} can't be written: {error.strerror}", "Name a place with room: --into FOLDER."
        ) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return repaired


def _beside(target: Path) -> Path:
    parent = target.absolute().parent
    parent.mkdir(parents=True, exist_ok=True)
    return parent


def _check_marker(path: Path) -> None:
    """See whether a folder is a database; that its marker is damaged or missing is no reason."""
    if not (path / "format.json").exists() and any((path / "data").glob("MANIFEST-*")):
        return
    try:
        check_format_is_newest(path)
    except StorageError as error:
        if "is damaged" not in error.message:
            raise


def _saved(
    path: Path, fresh: Path, strays: Path, work: Path, progress: Callable[[int], None]
) -> Repaired:
    lost: list[str] = []

    def lose(before: bytes, behind: bytes, why: str) -> None:
        space = int.from_bytes(before[:SPACE_BYTES], "big")
        what = f"space {space}: rows between {before.hex()} and {behind.hex()} ({why})"
        if what not in lost:
            lost.append(what)

    source, wrong = readable(path / "data", work, lose)
    lost += wrong
    folder = DatabaseFolder(fresh)
    store = None
    try:
        store = RocksStore(folder.data)
        rebuilding = Rebuilding(source, store, fresh / strays.name, progress)
        rebuilt = rebuilding.run()
        for what in lost:
            rebuilt.lose(what)
        rebuilt.lost = [each.replace(str(fresh), str(strays.parent)) for each in rebuilt.lost]
        findings = check_store(store)
    finally:
        if store is not None:
            store.close()
        folder.close()
        source.close()
    return Repaired(rebuilt, findings)


def _has_strays(folder: Path) -> bool:
    return (folder / STRAYS).exists()
