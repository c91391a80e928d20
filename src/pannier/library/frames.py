"""Data frames and Arrow tables, in and out.

In: whatever speaks Arrow's C stream interface can be written as it is: frames of pandas (2.2 or
newer) and polars, tables, batches and readers of pyarrow, relations of DuckDB. Columns become
values a column at a time (`files.arrow_values` has the rules); no row is made a Python dict of
Python values on the way. Missing values of pandas, NaN among them, are nulls, which are left out of
the item.

Out: `to_arrow` makes a table of items, from which pandas and polars make frames without copying
most of it: `to_arrow(...).to_pandas()`, `polars.from_arrow(to_arrow(...))`.
"""

from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from typing import Any, Final

from pannier.batch.operation import Operation
from pannier.batch.reads.read_results import Found
from pannier.batch.report import Failure
from pannier.errors import UserError
from pannier.files.formats import needs
from pannier.files.sink import Numbers
from pannier.model.attribute_value import Item
from pannier.model.plain import to_item

SOURCE: Final = "data frame"


def is_frame(source: object) -> bool:
    """Whether something is a table that speaks Arrow."""
    return hasattr(source, "__arrow_c_stream__")


def rows(frame: Any) -> Iterator[Operation | Failure]:
    """The rows of a frame as puts that name no table, or failures of those without a DynamoDB form.

    Raises:
        UserError: pyarrow is not installed, or a column has no DynamoDB form at all.
    """
    try:
        pyarrow = import_module("pyarrow")
    except ImportError:
        raise needs("arrow", "pyarrow") from None
    from pannier.files.arrow_rows import Rows

    try:
        reader = pyarrow.RecordBatchReader.from_stream(frame)
        of_schema = Rows(SOURCE, "", reader.schema)
        before = 0
        for batch in reader:
            yield from of_schema.of_batch(batch, before)
            before += batch.num_rows
    except pyarrow.ArrowException as error:
        raise UserError(
            f"the {SOURCE} can't be made columns of Arrow: {error}",
            "Give each column values of one type, or write items: frame.to_dict('records').",
        ) from None


def to_arrow(items: Iterable[Found | Mapping[str, Any]], numbers: Numbers = "exact") -> Any:
    """A `pyarrow.Table` of items.

    Args:
        items: plain Python items, as `read` gives them, or the results of `find`, which are made a
            table of without becoming Python values. Keys without an item are left out.
        numbers: `exact` makes integers and decimals of numbers; `float` makes floating-point
            columns of those that are not whole.

    Raises:
        UserError: pyarrow is not installed.
        ConversionError: a plain item has no DynamoDB form.
    """
    from pannier.files.arrow_sinks import table_of

    return table_of(_items(items), numbers)


def _items(items: Iterable[Found | Mapping[str, Any]]) -> Iterator[Item]:
    for each in items:
        if not isinstance(each, Found):
            yield to_item(each)
        elif each.item is not None:
            yield each.item
