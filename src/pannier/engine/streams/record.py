"""A change of one item as the record that GetRecords shows.

| rule | evidence |
|---|---|
| INSERT, MODIFY, REMOVE by what was there before and after | service model |
| no record where nothing changed: an overwrite with an equal item, a delete of a missing one | Developer Guide |
| `Keys` always; `NewImage`, `OldImage` by view type, where there is such an image | service model |
| `SizeBytes`: keys plus the images shown, as item sizes | the Developer Guide's example record |
| `ApproximateCreationDateTime`: whole seconds | service model |
| an item that expired: `userIdentity` says that the service did it | Developer Guide, TTL and Streams |

Images are stored rows' own JSON, so a record costs no encoding of the item.
"""  # noqa: E501  # a table's row can't be wrapped

from hashlib import blake2b
from typing import Final

import orjson

from pannier.engine.rows import row_item, row_json, row_size
from pannier.expressions.compare import equal
from pannier.model.attribute_value import Item, check_item

REGION: Final = "us-east-1"
_NEW_IMAGE: Final = frozenset({"NEW_IMAGE", "NEW_AND_OLD_IMAGES"})
_OLD_IMAGE: Final = frozenset({"OLD_IMAGE", "NEW_AND_OLD_IMAGES"})
_SERVICE: Final = b',"userIdentity":{"PrincipalId":"dynamodb.amazonaws.com","Type":"Service"}'
# 21 digits, the least that the service model allows; texts then sort like numbers.
_SEQUENCE_BASE: Final = 10**20


def sequence_text(number: int) -> str:
    """A sequence number as the API shows it."""
    return str(_SEQUENCE_BASE + number)


def sequence_number(text: str) -> int | None:
    """What `sequence_text` made of a number, or None for a text it can't have made.

    Numbers from before the stream began come out negative.
    """
    if not (text.isascii() and text.isdigit()):
        return None
    return int(text) - _SEQUENCE_BASE


def unchanged(old_row: bytes, new_row: bytes) -> bool:
    """Whether two rows hold equal items, in whatever order their attributes and sets are."""
    if old_row == new_row:
        return True
    if row_size(old_row) != row_size(new_row):
        return False
    return equal({"M": row_item(old_row)}, {"M": row_item(new_row)})


def record_json(
    *,
    arn: str,
    number: int,
    view_type: str,
    created_s: int,
    keys: Item,
    old_row: bytes | None,
    new_row: bytes | None,
    by_service: bool,
) -> bytes:
    """The record of a change, as JSON.

    Args:
        arn: the stream's.
        number: the record's sequence number.
        view_type: the stream's.
        created_s: seconds since 1970.
        keys: the item's key attributes.
        old_row: the item's row before the change, if there was one.
        new_row: the item's row after it, if there is one; one of the two there must be.
        by_service: whether the item expired rather than was deleted.
    """
    name = "INSERT" if old_row is None else "REMOVE" if new_row is None else "MODIFY"
    size_bytes = check_item(keys)
    images = b""
    if new_row is not None and view_type in _NEW_IMAGE:
        images = b',"NewImage":' + row_json(new_row)
        size_bytes += row_size(new_row)
    if old_row is not None and view_type in _OLD_IMAGE:
        images += b',"OldImage":' + row_json(old_row)
        size_bytes += row_size(old_row)
    # Unique since stream and number are, and the same again however often it is read.
    event_id = blake2b(f"{arn} {number}".encode(), digest_size=16).hexdigest()
    return b"".join(
        (
            f'{{"eventID":"{event_id}","eventName":"{name}","eventVersion":"1.1",'
            f'"eventSource":"aws:dynamodb","awsRegion":"{REGION}",'
            f'"dynamodb":{{"ApproximateCreationDateTime":{created_s},"Keys":'.encode(),
            orjson.dumps(keys),
            images,
            f',"SequenceNumber":"{sequence_text(number)}","SizeBytes":{size_bytes},'
            f'"StreamViewType":"{view_type}"}}'.encode(),
            _SERVICE if by_service else b"",
            b"}",
        )
    )
