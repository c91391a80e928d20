"""The items that every server is given: those of the workshop chapter, many times over.

Nine attributes, about 250 bytes as DynamoDB counts them, about 400 bytes of JSON. The
JSON is spaced as botocore writes it, since that is what most clients send.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator

_SEED = 20250811
"""Every run and every server sees the same keys in the same order."""

SHELF_ITEMS = 200
"""Items under one partition key of the query's table: two pages of a hundred."""

_PRODUCTS = (
    ("Gaming Laptop Pro", "electronics", "TechPro"),
    ("Wireless Gaming Mouse", "electronics", "GamerGear"),
    ("Mechanical Keyboard RGB", "electronics", "KeyMaster"),
    ("Noise Cancelling Headset", "electronics", "SoundWave"),
)
_DESCRIPTION = (
    "with a padded carrying case, a spare cable, a printed manual and two years of guarantee"
)


def item_json(pk: str, sk: str, number: int) -> str:
    """One item as DynamoDB JSON; *number* varies its values, not its size by much."""
    name, category, brand = _PRODUCTS[number % len(_PRODUCTS)]
    return _ITEM_TEMPLATE % {
        "pk": pk,
        "sk": sk,
        "number": number,
        "name": name,
        "price": 20 + number % 1980,
        "stock": number % 500,
        "category": category,
        "brand": brand,
    }


def product_key(number: int) -> str:
    """The partition key of a product; its sort key is always `DETAILS`."""
    return f"PRODUCT#batch-{number:08d}"


def product_json(number: int) -> str:
    """The item of one product, alone under its partition key."""
    return item_json(product_key(number), "DETAILS", number)


def shelf_key(shelf: int) -> str:
    """The partition key of a shelf, which holds `SHELF_ITEMS` products."""
    return f"SHELF#batch-{shelf:06d}"


def shelf_json(number: int) -> str:
    """The item of one product that stands with others under one partition key."""
    return item_json(shelf_key(number // SHELF_ITEMS), product_key(number), number)


def shuffled(count: int) -> list[int]:
    """The numbers below *count* in an order without locality, the same every time."""
    numbers = list(range(count))
    random.Random(_SEED).shuffle(numbers)
    return numbers


def key_samples(count: int, keys: int, samples: int) -> Iterator[list[int]]:
    """*samples* lists of *keys* different numbers below *count*."""
    chance = random.Random(_SEED)
    for _ in range(samples):
        yield chance.sample(range(count), keys)


_ITEM_TEMPLATE = json.dumps(
    {
        "PK": {"S": "%(pk)s"},
        "SK": {"S": "%(sk)s"},
        "GSI1PK": {"S": "CATEGORY#%(category)s"},
        "GSI1SK": {"S": "PRODUCT#batch-%(number)08d"},
        "name": {"S": "%(name)s " + _DESCRIPTION},
        "price": {"N": "%(price)d"},
        "stock": {"N": "%(stock)d"},
        "category": {"S": "%(category)s"},
        "brand": {"S": "%(brand)s"},
    }
)
