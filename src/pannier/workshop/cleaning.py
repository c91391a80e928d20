"""The workshop taken away again: the server, the database, and the files, but nobody else's."""

import shutil
from pathlib import Path
from typing import Final

from pannier.errors import UserError
from pannier.workshop.files import fingerprint, is_as_made
from pannier.workshop.place import Workshop
from pannier.workshop.steps import FULL, METRICS, PROJECTED

# What the exercises leave in the folder, by their commands.
_ANSWERS: Final = frozenset({FULL, PROJECTED, METRICS, "refused.txt", "left.jsonl"})


def readers_own(workshop: Workshop) -> list[str]:
    """What is in the folder that the workshop did not make, by name."""
    ours = {workshop.notes.name, workshop.database.name}
    return sorted(
        entry.name
        for entry in workshop.path.iterdir()
        if entry.name not in ours and not _is_ours(workshop, entry)
    )


def remove(workshop: Workshop, *, everything: bool) -> bool:
    """Delete what the workshop made; the server must have ended.

    Args:
        workshop: which.
        everything: the reader's own files, too, where the folder is the workshop's own.

    Returns:
        Whether the folder itself has gone: it was the workshop's own, and nothing else is in it.

    Raises:
        UserError: something can't be deleted.
    """
    own_folder = workshop.record.made_folder
    kept = set() if everything and own_folder else set(readers_own(workshop))
    notes = workshop.notes
    try:
        # The notes go last: as long as they are there, this can be done again.
        for entry in sorted(workshop.path.iterdir(), key=lambda each: each == notes):
            if entry.name not in kept:
                _delete(entry)
        if kept or not own_folder:
            return False
        workshop.path.rmdir()
    except OSError as error:
        raise UserError(
            f"{error.filename} can't be deleted: {error.strerror}",
            "Put that right, then do this again: pannier workshop clean",
        ) from None
    return True


def _is_ours(workshop: Workshop, path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    if path.name in _ANSWERS or is_as_made(path):
        return True
    known = workshop.record.files.get(path.name)
    try:
        return known is not None and fingerprint(path.read_text()) == known
    except (OSError, UnicodeDecodeError):
        return False


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
