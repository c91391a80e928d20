"""Requests to begin with: those of the workshop chapter "Batch Operations"."""

from dataclasses import dataclass
from typing import Any, Final

from pannier.console.pages.batch.json_texts import compact

TABLE: Final = "demo-ecommerce-freetier"
_LARGE_COUNT: Final = 30


@dataclass(frozen=True, slots=True)
class Example:
    """A request to begin with.

    Attributes:
        name: as in the address of the page, and of the file without its ending.
        title: what it does.
        text: the request as JSON.
    """

    name: str
    title: str
    text: str


def _key(name: str) -> dict[str, Any]:
    return {"PK": {"S": f"PRODUCT#{name}"}, "SK": {"S": "DETAILS"}}


def _product(key: str, name: str, price: int, stock: int, brand: str = "") -> dict[str, Any]:
    item = {
        **_key(key),
        "GSI1PK": {"S": "CATEGORY#electronics"},
        "GSI1SK": {"S": f"PRODUCT#{key}"},
        "name": {"S": name},
        "price": {"N": str(price)},
        "stock": {"N": str(stock)},
        "category": {"S": "electronics"},
    }
    if brand:
        item["brand"] = {"S": brand}
    return _put(item)


def _put(item: dict[str, Any]) -> dict[str, Any]:
    return {"PutRequest": {"Item": item}}


def _small(number: int) -> dict[str, Any]:
    item = {**_key(f"batch-test-{number}"), "name": {"S": f"Test Product {number}"}}
    return _put({**item, "price": {"N": "10"}})


def _text(request: Any) -> str:
    return compact({TABLE: request}) + "\n"


EXAMPLES: Final = (
    Example(
        "batch-products",
        "Put three products",
        _text(
            [
                _product("batch-laptop-001", "Gaming Laptop Pro", 1299, 15, "TechPro"),
                _product("batch-mouse-002", "Wireless Gaming Mouse", 79, 50, "GamerGear"),
                _product("batch-keyboard-003", "Mechanical Keyboard RGB", 159, 25, "KeyMaster"),
            ]
        ),
    ),
    Example(
        "batch-get",
        "Read three products",
        _text(
            {
                "Keys": [
                    _key(name)
                    for name in ("batch-laptop-001", "batch-mouse-002", "batch-keyboard-003")
                ]
            }
        ),
    ),
    Example(
        "mixed-batch",
        "Put one, delete another",
        _text(
            [
                _product("batch-headset-004", "Wireless Headset Pro", 199, 20),
                {"DeleteRequest": {"Key": _key("batch-mouse-002")}},
            ]
        ),
    ),
    Example(
        "large-batch",
        "Put 30: too many for one call",
        _text([_small(number) for number in range(1, _LARGE_COUNT + 1)]),
    ),
    Example(
        "batch-get-projection",
        "Read some attributes only",
        _text(
            {
                "Keys": [
                    _key(name)
                    for name in ("batch-laptop-001", "batch-keyboard-003", "batch-headset-004")
                ],
                "ProjectionExpression": "PK, SK, #n, price, stock",
                "ExpressionAttributeNames": {"#n": "name"},
            }
        ),
    ),
)


def example(name: str) -> Example | None:
    """The example of a name, if there is one."""
    return next((each for each in EXAMPLES if each.name == name), None)
