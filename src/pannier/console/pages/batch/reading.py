"""Reads what stands in the editor: a write request, a read request, or items in any text format.

Requests are the files that `aws dynamodb batch-write-item` and `batch-get-item` take. Everything
else is read by `pannier.files`, as `pannier write` reads it.
"""

import io

from pannier.console.pages.batch.drafts import Draft, Problem, What
from pannier.console.pages.batch.item_texts import read_items
from pannier.console.pages.batch.located import Lines, PlaceError, locate
from pannier.console.pages.batch.requests import read_request
from pannier.files import formats
from pannier.files.compression import DamagedError
from pannier.files.inputs import Input
from pannier.files.opening import FileError


def read_draft(text: str, name: str, table: str | None) -> Draft:
    """Read what stands in the editor.

    Args:
        text: what stands there.
        name: of the file that it came from; its ending helps to tell formats apart.
        table: where items go that name no table.
    """
    if not text.strip():
        return Draft()
    draft = Draft(lines=Lines(text))
    if _is_json(text, name):
        try:
            root = locate(text)
        except PlaceError as error:
            if not (error.follows or _is_json_lines(text, name)):
                line, column = draft.lines.place(error.offset)
                draft.what = What.UNREADABLE
                draft.problems.append(Problem(line, column, f"this is not JSON: {error.reason}"))
                return draft
            root = None
        if root is not None and read_request(draft, root, text, name, table):
            return draft
    else:
        root = None
    read_items(draft, _input(text, name), name, table, root)
    return draft


# Formats


def _is_json(text: str, name: str) -> bool:
    try:
        return formats.detect(_input(text, name)) in ("json", "jsonl")
    except (FileError, DamagedError):
        return False


def _is_json_lines(text: str, name: str) -> bool:
    return formats.detect(_input(text, name)) == "jsonl"


def _input(text: str, name: str) -> Input:
    return Input(name, io.BytesIO(text.encode("utf-8", "surrogatepass")))
