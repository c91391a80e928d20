"""A table that is not there: the line that makes it, guessed from what should go into it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Generic, Protocol, TypeVar

from pannier.batch.calls import CallError
from pannier.errors import UserError
from pannier.library.guessed_keys import INDEX, guessed_keys, key_types

_NOT_FOUND: Final = "ResourceNotFoundException"


class Placed(Protocol):
    """Something for a table."""

    @property
    def table(self) -> str:
        """The table's name."""


_Placed = TypeVar("_Placed", bound=Placed)
_Other = TypeVar("_Other")


class FirstOfTable(Generic[_Placed]):
    """Remembers the first operation or key of each table, to explain a table that is missing.

    Args:
        kind: what is remembered; anything else passes by.
    """

    def __init__(self, kind: type[_Placed]) -> None:
        self._kind = kind
        self.of_table: dict[str, _Placed] = {}

    def watch(self, source: Iterable[_Placed | _Other]) -> Iterator[_Placed | _Other]:
        """The source itself, looked at in passing."""
        for element in source:
            if isinstance(element, self._kind):
                self.of_table.setdefault(element.table, element)
            yield element


def explain(error: CallError, sample: Mapping[str, Any], *, is_key: bool) -> UserError:
    """What to tell the user about an error of a call.

    Args:
        error: the service's error.
        sample: an item or key for it, in the API's JSON form.
        is_key: whether the sample is a key, and nothing but the key.
    """
    if error.code != _NOT_FOUND:
        return UserError(str(error))
    table = error.request["TableName"]
    return UserError(
        f"there is no table {table} here",
        f"Make it with:\n  {create_line(table, sample, is_key=is_key)}",
    )


def create_line(table: str, sample: Mapping[str, Any], *, is_key: bool) -> str:
    """The `create-table` line for a table that such items fit into."""
    types = key_types(sample)
    keys = guessed_keys(types, is_key=is_key)
    key = ",".join(f"{name}:{types[name]}" for name in keys) or "PK:S,SK:S"
    line = f"pannier create-table {table} --key {key}"
    if types.keys() >= set(INDEX):
        line += f" --index GSI1={','.join(f'{name}:{types[name]}' for name in INDEX)}"
    return line
