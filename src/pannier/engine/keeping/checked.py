"""A check of a whole folder: its files, then what they hold. Nothing is written."""

from collections.abc import Callable
from pathlib import Path

from pannier.engine.checking import Findings, check_store
from pannier.engine.rows import SPACE_BYTES
from pannier.errors import StorageError
from pannier.storage.backup_files import NOTE, differing, files_of, read_note
from pannier.storage.damage import DamagedStoreError, damaged_file
from pannier.storage.folder import FolderHeldError, check_format_is_newest, kept_still
from pannier.storage.reading import StoreReader, losses


def check_folder(path: Path, progress: Callable[[int], None] = lambda _: None) -> Findings:
    """Look at everything in the folder of a database or of a backup.

    Args:
        path: the folder.
        progress: called now and then, with how many rows were looked at.

    Raises:
        FolderHeldError: somebody has it open; a backup of it can be checked.
        StorageError: it is no such folder.
    """
    check_format_is_newest(path)
    try:
        with kept_still(path):
            return _findings(path, progress)
    except FolderHeldError as held:
        held.advice = (
            "Check a backup of it, which shows the same: pannier backup FOLDER; "
            "pannier check FOLDER. Or end that process first."
        )
        raise


def _findings(path: Path, progress: Callable[[int], None]) -> Findings:
    files = _check_sums(path)
    spaces: list[tuple[bytes, str]] = []
    try:
        store = StoreReader(path / "data", lost=lambda before, _, why: spaces.append((before, why)))
    except DamagedStoreError as error:
        findings = Findings()
        _add_files(findings, [*files, error.message])
        return findings
    try:
        findings = check_store(store, progress)
        _add_files(findings, files)
        _add_lost(findings, spaces)
        try:
            lost = losses(path / "data", store.sequence)
        except DamagedStoreError as error:
            lost = error.message
        if lost is not None:
            _add_files(findings, [lost])
    finally:
        store.close()
    return findings


def _check_sums(path: Path) -> list[str]:
    """What is wrong with the files of a backup; nothing is known of other folders' files."""
    if not (path / NOTE).exists():
        return []
    try:
        return list(differing(path, files_of(read_note(path))))
    except StorageError as error:
        return [error.message]


def _add_files(findings: Findings, wrong: list[str]) -> None:
    for what in wrong:
        findings.add("file", damaged_file(what) or "files", what)


def _add_lost(findings: Findings, lost: list[tuple[bytes, str]]) -> None:
    seen: set[tuple[bytes, str]] = set()
    for before, why in lost:
        if (before, why) in seen:
            continue  # it was met on another way through the same rows
        seen.add((before, why))
        space = int.from_bytes(before[:SPACE_BYTES], "big")
        findings.add("lost", f"space {space}", f"rows behind {before.hex()}: {why}")
