"""What can be read of a damaged database, saved into a new folder. The old one stays as it is."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from rocksdict import DBRecoveryMode, Rdict

from pannier.engine.checking import Findings, check_store
from pannier.engine.keeping.rebuilding import Rebuilding, Rebuilt
from pannier.engine.rows import SPACE_BYTES
from pannier.errors import StorageError
from pannier.storage.backup_files import check_vacant
from pannier.storage.damage import DamagedError
from pannier.storage.folder import DatabaseFolder, check_format, kept_still
from pannier.storage.reading import Lost, StoreReader, losses
from pannier.storage.rocks import RocksStore, options_of_store
from pannier.storage.upgrading import copy_store


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
            repaired = _saved(path, fresh, target / "strays", Path(work), progress)
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
    """See whether a folder is a database, if its marker can be read; a damaged one is no reason."""
    try:
        check_format(path)
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

    source = _readable(path / "data", work, lose, lost)
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


def _readable(data: Path, work: Path, lose: Lost, lost: list[str]) -> StoreReader:
    """The store as far as it can be read: as it is; else as RocksDB can put it together again."""
    store = None
    try:
        store = StoreReader(data, lose)
        missing = losses(data, store.sequence)
    except DamagedError as error:
        if store is not None:
            store.close()
        lost.append(error.message)
        return _put_together(data, work, lose)
    if missing is None:
        return store
    lost.append(missing)
    further = _past_damage(data, lose)
    if further is None:
        return store
    if further.sequence <= store.sequence:
        further.close()
        return store
    store.close()
    return further


def _past_damage(data: Path, lose: Lost) -> StoreReader | None:
    """The store with what comes behind the damage in its log, if that can be read."""
    try:
        return StoreReader(data, lose, DBRecoveryMode.skip_any_corrupted_record())
    except StorageError:
        return None


def _put_together(data: Path, work: Path, lose: Lost) -> StoreReader:
    """A store made of the files that can be read, without the manifest that names them."""
    copy_store(data, work / "data")
    try:
        Rdict.repair(str(work / "data"), options_of_store())
        return StoreReader(work / "data", lose)
    except Exception as error:
        raise StorageError(
            f"nothing can be read of the database in {data}: {error}",
            "Restore a backup: pannier restore BACKUP FOLDER.",
        ) from error
