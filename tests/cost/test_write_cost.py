"""Write units of single changes: the rule table, one line after another."""

import pytest

from pannier.cost.table_shape import TableShape
from pannier.cost.write_cost import ItemState, state_of, write_cost
from pannier.errors import ValidationException
from pannier.model.attribute_value import Item, check_item

SHAPE = TableShape.of(
    {
        "TableName": "shop",
        "KeySchema": [{"AttributeName": "PK", "KeyType": "HASH"}],
        "AttributeDefinitions": [
            {"AttributeName": "PK", "AttributeType": "S"},
            {"AttributeName": "kind", "AttributeType": "S"},
        ],
        "GlobalSecondaryIndexes": [
            {
                "IndexName": "all",
                "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            },
            {
                "IndexName": "keys",
                "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            },
        ],
    }
)


def state(kind: str | None, text_bytes: int, mark: str = "") -> ItemState:
    item: Item = {"PK": {"S": "a"}, "text": {"S": "x" * text_bytes}, "mark": {"S": mark}}
    if kind is not None:
        item["kind"] = {"S": kind}
    return state_of(SHAPE, item, check_item(item))


@pytest.mark.parametrize(
    ("old", "new", "units"),
    [
        (None, state("k", 100), [1, 1, 1]),
        (None, state("k", 3000), [3, 3, 1]),
        (None, state(None, 3000), [3, 0, 0]),
        (None, None, [1, 0, 0]),
        (state("k", 3000), None, [3, 3, 1]),
        (state("k", 3000), state("k", 100), [3, 3, 0]),
        (state("k", 3000), state("k", 3000), [3, 0, 0]),
        (state("k", 100), state("k", 100, "changed"), [1, 1, 0]),
        (state("k", 3000), state("other", 100), [3, 4, 2]),
        (state("k", 3000), state(None, 100), [3, 3, 1]),
        (state(None, 3000), state("k", 100), [3, 1, 1]),
    ],
)
def test_units_of_a_change(old: ItemState | None, new: ItemState | None, units: list[int]) -> None:
    """The table, an index that projects everything, and one that projects keys."""
    assert write_cost(old, new, 2) == units


def test_an_index_key_of_the_wrong_type_is_refused_unless_the_item_is_stored() -> None:
    """The table may have items older than an index; they have no entry."""
    item: Item = {"PK": {"S": "a"}, "kind": {"N": "1"}}
    with pytest.raises(ValidationException):
        state_of(SHAPE, item, check_item(item))
    assert state_of(SHAPE, item, check_item(item), stored=True).entries == (None, None)
