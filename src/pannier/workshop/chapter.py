"""What the exercises write, and what is there once each of them is done.

The table, its keys and the values of the chapter's products are those that the chapter names; the
twenty-five of `restock.json` are the workshop's own, for the exercise on throttling.
"""

from typing import Any, Final, TypeAlias

Item: TypeAlias = dict[str, Any]

TABLE: Final = "demo-ecommerce-freetier"
INDEX: Final = "GSI1"
_SORT: Final = "DETAILS"


def key(name: str) -> Item:
    """The key of a product."""
    return {"PK": {"S": f"PRODUCT#{name}"}, "SK": {"S": _SORT}}


def product(name: str, title: str, price: int, stock: int, brand: str | None = None) -> Item:
    """A product of the category electronics, as the chapter writes it."""
    item = {
        **key(name),
        "GSI1PK": {"S": "CATEGORY#electronics"},
        "GSI1SK": {"S": f"PRODUCT#{name}"},
        "name": {"S": title},
        "price": {"N": str(price)},
        "stock": {"N": str(stock)},
        "category": {"S": "electronics"},
    }
    return item if brand is None else {**item, "brand": {"S": brand}}


LAPTOP: Final = product("batch-laptop-001", "Gaming Laptop Pro", 1299, 15, "TechPro")
MOUSE: Final = product("batch-mouse-002", "Wireless Gaming Mouse", 79, 50, "GamerGear")
KEYBOARD: Final = product("batch-keyboard-003", "Mechanical Keyboard RGB", 159, 25, "KeyMaster")
HEADSET: Final = product("batch-headset-004", "Wireless Headset Pro", 199, 20)
PRODUCTS: Final = (LAPTOP, MOUSE, KEYBOARD)

LARGE: Final = tuple(
    {
        **key(f"batch-test-{number}"),
        "name": {"S": f"Test Product {number}"},
        "price": {"N": "10"},
    }
    for number in range(1, 31)
)
RESTOCK: Final = tuple(
    {
        **key(f"restock-{number:02}"),
        "name": {"S": f"Delivered Part {number:02}"},
        "stock": {"N": str(10 * number)},
    }
    for number in range(1, 26)
)


def key_of(item: Item) -> Item:
    """The key of an item."""
    return {name: item[name] for name in ("PK", "SK")}


def name_of(item: Item) -> str:
    """What an item is called in a sentence: its partition key."""
    partition: str = item["PK"]["S"]
    return partition
