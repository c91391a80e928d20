"""What a reader of the chapter has already: the table of earlier chapters, with an index and items.

Small provisioned capacity, which the free tier covers and a single batch can exhaust, as exercise 4
shows. The customers, orders and products are made up.
"""

from typing import Any, Final

from pannier.workshop.chapter import INDEX, TABLE, Item

UNITS: Final = 5
_THROUGHPUT: Final = {"ReadCapacityUnits": UNITS, "WriteCapacityUnits": UNITS}
_CUSTOMERS: Final = (
    ("C-1001", "Ines Albrecht", "Lisbon"),
    ("C-1002", "Tomas Bielik", "Brno"),
    ("C-1003", "Wanjiru Kamau", "Nairobi"),
    ("C-1004", "Mei Tanaka", "Sapporo"),
)
_ORDERS: Final = (
    ("O-5001", "C-1001", "2025-08-01", "48"),
    ("O-5002", "C-1001", "2025-08-07", "115"),
    ("O-5003", "C-1002", "2025-08-03", "19"),
    ("O-5004", "C-1003", "2025-08-04", "230"),
    ("O-5005", "C-1004", "2025-08-09", "64"),
    ("O-5006", "C-1004", "2025-08-10", "7"),
)
_GOODS: Final = (
    ("desk-lamp", "Desk Lamp", "home", "35", "40"),
    ("tea-pot", "Iron Tea Pot", "home", "48", "12"),
    ("rain-jacket", "Rain Jacket", "outdoor", "115", "30"),
    ("water-bottle", "Water Bottle", "outdoor", "19", "200"),
    ("headlamp", "Headlamp", "outdoor", "64", "25"),
)


def table_request() -> dict[str, Any]:
    """The CreateTable request of the earlier chapters."""
    names = ("PK", "SK", f"{INDEX}PK", f"{INDEX}SK")
    index = {
        "IndexName": INDEX,
        "KeySchema": _keys(f"{INDEX}PK", f"{INDEX}SK"),
        "Projection": {"ProjectionType": "ALL"},
        "ProvisionedThroughput": _THROUGHPUT,
    }
    return {
        "TableName": TABLE,
        "BillingMode": "PROVISIONED",
        "ProvisionedThroughput": _THROUGHPUT,
        "KeySchema": _keys("PK", "SK"),
        "AttributeDefinitions": [{"AttributeName": each, "AttributeType": "S"} for each in names],
        "GlobalSecondaryIndexes": [index],
    }


def items() -> list[Item]:
    """The items of the earlier chapters."""
    return [
        *(_customer(*each) for each in _CUSTOMERS),
        *(_order(*each) for each in _ORDERS),
        *(_goods(*each) for each in _GOODS),
    ]


def _customer(number: str, name: str, city: str) -> Item:
    return _item(
        f"CUSTOMER#{number}", "PROFILE", f"CITY#{city}", f"CUSTOMER#{number}",
        name={"S": name}, city={"S": city},
    )  # fmt: skip


def _order(number: str, customer: str, day: str, total: str) -> Item:
    return _item(
        f"CUSTOMER#{customer}", f"ORDER#{number}", f"ORDERS#{day[:7]}", f"{day}#{number}",
        ordered_on={"S": day}, total={"N": total},
    )  # fmt: skip


def _goods(name: str, title: str, category: str, price: str, stock: str) -> Item:
    return _item(
        f"PRODUCT#{name}", "DETAILS", f"CATEGORY#{category}", f"PRODUCT#{name}",
        name={"S": title}, category={"S": category}, price={"N": price}, stock={"N": stock},
    )  # fmt: skip


def _item(partition: str, sort: str, group: str, place: str, **attributes: Any) -> Item:
    keys = (("PK", partition), ("SK", sort), (f"{INDEX}PK", group), (f"{INDEX}SK", place))
    return {**{name: {"S": value} for name, value in keys}, **attributes}


def _keys(partition: str, sort: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": partition, "KeyType": "HASH"},
        {"AttributeName": sort, "KeyType": "RANGE"},
    ]
