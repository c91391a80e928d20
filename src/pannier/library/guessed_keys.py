"""What a table that is not there could look like, guessed from what should go into it."""

from collections.abc import Mapping
from typing import Any, Final

INDEX: Final = ("GSI1PK", "GSI1SK")
"""The keys of the index that an item with attributes of these names is meant for."""

_KEY_TYPES: Final = ("S", "N", "B")
_KEYS_MAX: Final = 2


def key_types(item: Mapping[str, Any]) -> dict[str, str]:
    """The attributes of an item that can be keys, with their types.

    Args:
        item: in the API's JSON form; what is none of it is passed over.
    """
    return {
        name: next(iter(value))
        for name, value in item.items()
        if isinstance(value, dict) and len(value) == 1 and next(iter(value)) in _KEY_TYPES
    }


def guessed_keys(types: Mapping[str, str], *, is_key: bool) -> list[str]:
    """The attributes that the table's key may be made of; empty where nothing can.

    Args:
        types: what can be keys, as `key_types` has it.
        is_key: whether that is a key, and nothing but the key.
    """
    if is_key:
        return list(types)[:_KEYS_MAX]
    if "PK" in types:
        return [name for name in ("PK", "SK") if name in types]
    return list(types)[:1]
