"""Schemas out of samples."""

from typing import Any

from pannier.batch.pages.extent import Extent
from pannier.files.arrow_schema import Shape
from pannier.model.key_schema import KeyAttribute, KeySchema
from pannier.spark.schemas.columns import Columns
from pannier.spark.schemas.described import Described
from pannier.spark.schemas.inferring import schema_of
from pannier.spark.schemas.marks import marks_of

KEY = KeySchema([KeyAttribute("pk", "S")], [KeyAttribute("sk", "N")])
TABLE = Described(KEY, KEY.names, Extent(0, 0), None)
BIG = {"N": "12345678901234567890123456789012345678"}
TINY = {"N": "0.00000000000000000000000000000000000001"}


def inferred(*items: dict[str, Any]) -> Any:
    shape = Shape()
    for item in items:
        shape.add_members(item)
    return schema_of(shape, TABLE)


def types(*values: Any) -> tuple[str, Any]:
    """The type and the marks of a column that has some values; None for an item without it."""
    items = [{"pk": {"S": "a"}} | ({} if value is None else {"a": value}) for value in values]
    schema = inferred(*items)
    Columns(schema).batch(items)  # whatever was seen fits
    return schema["a"].dataType.simpleString(), marks_of(schema).get("a")


def test_an_empty_table_has_its_key() -> None:
    assert inferred().simpleString() == "struct<pk:string,sk:bigint>"


def test_the_key_stands_first() -> None:
    item = {"b": {"S": "x"}, "sk": {"N": "1.5"}, "a": {"S": "x"}, "pk": {"S": "k"}}
    assert inferred(item).simpleString() == "struct<pk:string,sk:decimal(38,1),a:string,b:string>"


def test_types() -> None:
    assert types({"S": "x"}) == ("string", None)
    assert types({"BOOL": True}) == ("boolean", None)
    assert types({"B": "YQ=="}) == ("binary", None)
    assert types({"N": "5"}, {"N": "-7"}) == ("bigint", None)
    assert types({"N": "5"}, {"N": "0.25"}) == ("decimal(38,2)", None)
    assert types(BIG) == ("decimal(38,0)", None)
    assert types(BIG, TINY) == ("string", {"is": "N"})
    assert types({"SS": ["a"]}) == ("array<string>", {"is": "SS"})
    assert types({"NS": ["1", "2.5"]}) == ("array<decimal(38,1)>", {"is": "NS"})
    assert types({"BS": ["YQ=="]}) == ("array<binary>", {"is": "BS"})
    assert types({"L": [{"N": "1"}, {"NULL": True}]}) == ("array<bigint>", None)
    assert types({"L": []}) == ("array<string>", None)
    assert types({"L": [{"N": "1"}, {"S": "x"}]}) == (
        "array<string>", {"element": {"is": "DYNAMODB"}},
    )  # fmt: skip
    assert types({"M": {"x": {"N": "1"}}}, {"M": {"y": {"SS": ["a"]}}}) == (
        "struct<x:bigint,y:array<string>>", {"fields": {"y": {"is": "SS"}}},
    )  # fmt: skip
    assert types({"S": "x"}, {"N": "1"}) == ("string", {"is": "DYNAMODB"})
    assert types({"M": {}}) == ("string", {"is": "DYNAMODB"})
    assert types({"M": {"x": BIG}}, {"M": {"x": TINY}}) == (
        "struct<x:string>", {"fields": {"x": {"is": "N"}}},
    )  # fmt: skip


def test_null_is_no_type() -> None:
    null = {"NULL": True}
    assert types({"N": "5"}, null, None) == ("bigint", None)
    assert types(null, None) == ("string", None)
    assert types({"M": {"x": null}}, {"M": {"x": {"S": "a"}}}, null) == ("struct<x:string>", None)
