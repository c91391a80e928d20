"""Rows of all kinds, as many as one likes, made in Arrow's own loops: the same every time.

A partition has 250 items, whose sort keys are numbers below and above zero. Every third row is
without its note, every seventh without its place, and every fifth place without its second part.
"""

from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

KEY: Final = "pk:S sk:N"
SETS: Final = ("tags",)  # texts that are a set, which no type of Arrow or Spark can say
_FILES: Final = 8
_SHELF: Final = 250
_BEGINNING_US: Final = 1_767_225_600_000_000  # 2026
_SCHEMA: Final = pa.schema(
    {
        "pk": pa.string(),
        "sk": pa.decimal128(9, 3),
        "price": pa.decimal128(12, 2),
        "big": pa.decimal128(38, 0),
        "weight": pa.float64(),
        "count": pa.int64(),
        "flag": pa.bool_(),
        "raw": pa.binary(),
        "at": pa.timestamp("us", "UTC"),
        "note": pa.string(),
        "tags": pa.list_(pa.string()),
        "sizes": pa.list_(pa.int32()),
        "place": pa.struct({"city": pa.string(), "lat": pa.float64()}),
        "words": pa.map_(pa.string(), pa.string()),
    }
)


def write_files(folder: Path, count: int) -> None:
    """Rows in Parquet files, side by side."""
    folder.mkdir()
    share = -(-count // _FILES)
    for number in range(_FILES):
        first = number * share
        made = rows(first, min(share, count - first))
        pq.write_table(made, folder / f"part-{number}.parquet", row_group_size=50_000)


def rows(first: int, count: int) -> pa.Table:
    """Rows from a number on."""
    numbers = np.arange(first, first + count, dtype=np.int64)
    text = pc.cast(pa.array(numbers), pa.string())
    few = pc.cast(pa.array(numbers % 97), pa.string())
    columns: dict[str, Any] = {
        "pk": _joined("P#", pc.cast(pa.array(numbers // _SHELF), pa.string())),
        "sk": _decimals(numbers % _SHELF * 1125 - 140_000, 3, _SCHEMA.field("sk").type),
        "price": _decimals(numbers * 37 % 1_000_000, 2, _SCHEMA.field("price").type),
        "big": pc.cast(
            _joined("1", pc.utf8_lpad(text, width=37, padding="0")), pa.decimal128(38, 0)
        ),
        "weight": numbers / 7.0,
        "count": numbers * 7919 - 3_000_000_000,
        "flag": numbers % 2 == 0,
        "raw": pc.cast(_joined("raw \n", text), pa.binary()),
        "at": pa.array(_BEGINNING_US + numbers * 1_234_567, pa.timestamp("us", "UTC")),
        "note": _without(_joined("Größe ", few), numbers % 3 == 0),
        "tags": _lists(_joined("a", few), _joined("b", text)),
        "sizes": _lists(pa.array(numbers % 50, pa.int32()), pa.array(-numbers % 9, pa.int32())),
        "place": pa.StructArray.from_arrays(
            [
                _joined("city ", few),
                _without(pa.array(numbers % 180 - 90.5), numbers % 5 == 0),
            ],
            fields=list(_SCHEMA.field("place").type),
            mask=pa.array(numbers % 7 == 0),
        ),
        "words": _map(_joined("de ", text), _joined("fr ", few)),
    }
    return pa.table(
        {name: pa.array(values, _SCHEMA.field(name).type) for name, values in columns.items()},
        _SCHEMA,
    )


def sorted_rows(folder: Path) -> pa.Table:
    """All the rows of a folder of Parquet files, by key, in the schema of those that were made."""
    table = pq.read_table(folder).select(_SCHEMA.names)
    return table.cast(_SCHEMA).sort_by([("pk", "ascending"), ("sk", "ascending")]).combine_chunks()


def _joined(before: str, texts: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(before, texts, "")


def _decimals(units: Any, scale: int, kind: pa.DataType) -> pa.Array:
    """Whole numbers of the last place as decimals."""
    wide = pc.cast(pa.array(units), pa.decimal128(19, 0))
    return pc.cast(pc.multiply(wide, pa.scalar(_one(scale), pa.decimal128(5, scale))), kind)


def _one(scale: int) -> Any:
    from decimal import Decimal

    return Decimal(1).scaleb(-scale)


def _without(array: pa.Array, where: Any) -> pa.Array:
    return pc.if_else(pa.array(where), pa.scalar(None, array.type), array)


def _offsets(count: int) -> pa.Array:
    return pa.array(np.arange(0, 2 * count + 1, 2, dtype=np.int32))


def _alternating(first: pa.Array, second: pa.Array) -> pa.Array:
    count = len(first)
    places = np.empty(2 * count, dtype=np.int64)
    places[0::2], places[1::2] = np.arange(count), np.arange(count) + count
    return pa.concat_arrays([first, second]).take(pa.array(places))


def _lists(first: pa.Array, second: pa.Array) -> pa.Array:
    return pa.ListArray.from_arrays(_offsets(len(first)), _alternating(first, second))


def _map(first: pa.Array, second: pa.Array) -> pa.Array:
    names = pa.array(["de", "fr"]).take(pa.array(np.tile([0, 1], len(first))))
    return pa.MapArray.from_arrays(_offsets(len(first)), names, _alternating(first, second))
