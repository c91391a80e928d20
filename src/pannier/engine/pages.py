"""Pages of Query and Scan: which rows, which of them pass, what is shown of each.

Rules (Developer Guide, "Query" and "Scan"; service model):

* a page ends after `Limit` items read, or with the item that brings the sizes read to 1 MB, in
  both cases before the filter; it then carries `LastEvaluatedKey`;
* where a filter or projection is so long, and the items are so small, that a page would take
  seconds, it ends earlier: requests are applied one after another, and others wait;
* units are those of the sum of sizes read, rounded once, at least the minimum; an item that a
  local index has to fetch from its table is read again, and rounded by itself;
* a global index answers only what it projects, and never consistently.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import orjson

from pannier.engine import messages
from pannier.engine.capacity import Consumed, wanted_level
from pannier.engine.catalog import Index, Table
from pannier.engine.projecting import Project, compile_projection
from pannier.engine.rows import entry_key, row_item, row_json, row_key, row_size
from pannier.engine.table_status import require_readable
from pannier.errors import SerializationException, ValidationException
from pannier.expressions import Condition, Placeholders, parse_condition
from pannier.limits import PAGE_BYTES_MAX
from pannier.model.attribute_value import Item
from pannier.model.key_schema import KeySchema
from pannier.model.units import read_units

if TYPE_CHECKING:
    from pannier.engine.database import Database

_UNLIMITED: Final = -1
_STEPS_MAX: Final = 2_000_000  # of filters and projections in one page; some tenths of a second
_STEP_CHARACTERS: Final = 8  # of an expression: an operand and an operator


class PageRead:
    """A Query or Scan, checked against its table and ready to read one page."""

    def __init__(
        self,
        database: "Database",
        request: dict[str, Any],
        table: Table,
        index: Index | None,
        select: str,
        expressions: "PageExpressions",
        *,
        fetches: bool,
    ) -> None:
        self.database = database
        self.request = request
        self.table = table
        self.index = index
        self.consistent: bool = request.get("ConsistentRead") is True
        self.select = select
        self.project = expressions.project
        self.condition = expressions.condition
        self.fetches = fetches
        self.rows_max = expressions.rows_max

    @property
    def schema(self) -> KeySchema:
        """The key schema of what is read: the index's, or the table's."""
        return self.index.schema if self.index else self.table.schema

    @property
    def space(self) -> bytes:
        """The prefix of the rows that are read."""
        return (self.index.space if self.index else self.table.space).prefix

    def start_key(self, mismatch: str) -> bytes | None:
        """The row after which the page begins, from `ExclusiveStartKey`.

        Args:
            mismatch: the text for what is no key of this table or index.

        Raises:
            ValidationException: it is none.
        """
        start: Item | None = self.request.get("ExclusiveStartKey")
        if start is None:
            return None
        names = set(self.table.schema.names)
        if self.index is not None:
            names.update(self.index.schema.names)
        if set(start) != names:
            raise ValidationException(mismatch)
        try:
            base = self.table.schema.exact_key(self.table.schema.key_of(start))
            if self.index is None:
                return row_key(self.space, base)
            index_key = self.index.schema.exact_key(self.index.schema.key_of(start))
        except (ValidationException, SerializationException):
            raise ValidationException(mismatch) from None
        return entry_key(self.space, index_key, base)

    def answer(self, rows: Iterator[bytes], place: bytes | None = None) -> bytes:
        """Read one page from the rows and answer it.

        Args:
            rows: the rows, in their order.
            place: the beginning of all their keys, if they are of one partition key.

        Raises:
            ServiceError: it is throttled.
        """
        admission, usage = self.database.admission, self.database.usage
        if admission.active:
            admission.require_page(self.table, self.index, place)
        page = _read(self, rows)
        consumed = self._consumed(page)
        usage.returned = page.count
        if admission.active:
            admission.spend(consumed, place)
        tail: dict[str, Any] = {"Count": page.count, "ScannedCount": page.scanned}
        if page.last_row is not None:
            item = row_item(page.last_row)
            tail["LastEvaluatedKey"] = self.table.schema.key_of(item)
            if self.index is not None:
                tail["LastEvaluatedKey"].update(self.index.schema.key_of(item))
        level = wanted_level(self.request)
        if level:
            tail["ConsumedCapacity"] = consumed.to_api(level)
        if self.select == "COUNT":
            return orjson.dumps(tail)
        return b'{"Items":[' + b",".join(page.shown) + b"]," + orjson.dumps(tail)[1:]

    def _consumed(self, page: "_Page") -> Consumed:
        consumed = self.database.usage.reads(self.table)
        units = read_units(page.size_bytes, consistent=self.consistent)
        if self.index is None:
            consumed.units = units
        else:
            consumed.indexes[self.index] = units
        consumed.units += sum(
            read_units(size_bytes, consistent=self.consistent) for size_bytes in page.fetched_bytes
        )
        return consumed


class _Page:
    def __init__(self) -> None:
        self.shown: list[bytes] = []
        self.count = 0
        self.scanned = 0
        self.size_bytes = 0
        self.last_row: bytes | None = None
        self.fetched_bytes: list[int] = []


class PageExpressions:
    """A page's filter and projection; `roots` are the top-level names of the projection."""

    def __init__(
        self, condition: Condition | None, project: Project | None, roots: frozenset[str] | None
    ) -> None:
        self.condition = condition
        self.project = project
        self.roots = roots
        self.rows_max = _STEPS_MAX


def compile_expressions(request: dict[str, Any], placeholders: Placeholders) -> PageExpressions:
    """Read what Query and Scan have in common of expressions, in AWS's order: filter first.

    Args:
        request: the request, its constraints checked.
        placeholders: the request's names and values; what is used here is marked.

    Raises:
        ValidationException: an expression is wrong.
    """
    text = request.get("FilterExpression")
    condition = None
    if text is not None:
        condition = parse_condition(text, placeholders, kind="FilterExpression")
    expressions = PageExpressions(condition, *compile_projection(request, placeholders))
    expressions.rows_max = _rows_max(request)
    return expressions


def rows_max(characters: int, conditions: int = 0) -> int:
    """How many rows a page may have at most, by what there is to do with each.

    Args:
        characters: of the expressions.
        conditions: of the older kind.
    """
    return max(1, _STEPS_MAX // (1 + characters // _STEP_CHARACTERS + conditions))


def _rows_max(request: dict[str, Any]) -> int:
    texts = (request.get(name) or "" for name in ("FilterExpression", "ProjectionExpression"))
    filters = (request.get(name) or () for name in ("QueryFilter", "ScanFilter"))
    return rows_max(sum(map(len, texts)), sum(map(len, filters)))


def plan_page(
    database: "Database", request: dict[str, Any], expressions: PageExpressions
) -> PageRead:
    """Hold a Query or Scan against its table and index.

    Raises:
        ResourceNotFoundException: no such table.
        ValidationException: anything else that does not fit.
    """
    table = database.catalog.table(request["TableName"])
    index = _index(table, request)
    if index is not None:
        require_readable(index, database.clock)
    consistent = request.get("ConsistentRead") is True
    if index is not None and index.is_global and consistent:
        raise ValidationException(messages.GLOBAL_INDEX_CONSISTENT)
    select = _select(request, index)
    fetches = _fetches(index, select, expressions.roots)
    return PageRead(database, request, table, index, select, expressions, fetches=fetches)


def _index(table: Table, request: dict[str, Any]) -> Index | None:
    name = request.get("IndexName")
    if name is None:
        return None
    index = table.index(name)
    if index is None:
        raise ValidationException(messages.index_missing(name))
    return index


def _select(request: dict[str, Any], index: Index | None) -> str:
    given: str | None = request.get("Select")
    member = next(
        (name for name in ("ProjectionExpression", "AttributesToGet") if name in request), None
    )
    if given is None:
        if member is not None:
            return "SPECIFIC_ATTRIBUTES"
        return "ALL_PROJECTED_ATTRIBUTES" if index else "ALL_ATTRIBUTES"
    if given == "SPECIFIC_ATTRIBUTES" and member is None:
        raise ValidationException(messages.SELECT_NEEDS_PROJECTION)
    if given != "SPECIFIC_ATTRIBUTES" and member is not None:
        raise ValidationException(messages.select_with_projection(member, given))
    if given == "ALL_PROJECTED_ATTRIBUTES" and index is None:
        raise ValidationException(messages.SELECT_NEEDS_INDEX)
    return given


def _fetches(index: Index | None, select: str, roots: frozenset[str] | None) -> bool:
    """Whether items must be fetched from the table, which only local indexes can do."""
    if index is None or index.projected is None:
        return False
    missing = roots - index.projected if roots is not None else frozenset()
    if index.is_global:
        if select == "ALL_ATTRIBUTES":
            raise ValidationException(messages.select_all_of_global(index.name))
        if missing:
            raise ValidationException(messages.not_projected(index.name, sorted(missing)))
        return False
    return select == "ALL_ATTRIBUTES" or bool(missing)


def _read(read: PageRead, rows: Iterator[bytes]) -> _Page:
    page = _Page()
    limit: int = read.request.get("Limit") or _UNLIMITED
    plain = read.condition is None and read.project is None and not read.fetches
    for row in rows:
        page.scanned += 1
        page.size_bytes += row_size(row)
        if plain:
            page.count += 1
            page.shown.append(row_json(row))
        else:
            _add(read, page, row)
        if (
            page.scanned == limit
            or page.size_bytes >= PAGE_BYTES_MAX
            or page.scanned >= read.rows_max
        ):
            page.last_row = row
            break
    return page


def _add(read: PageRead, page: _Page, row: bytes) -> None:
    item = row_item(row)
    if read.fetches:
        base = read.table.schema.exact_key(read.table.schema.key_of(item))
        full_row = read.database.store.get(row_key(read.table.space.prefix, base))
        assert full_row is not None  # an entry and its item change in one atomic group
        page.fetched_bytes.append(row_size(full_row))
        item = row_item(full_row)
    if read.condition is not None and not read.condition.matches(item):
        return
    page.count += 1
    if read.select != "COUNT":
        page.shown.append(orjson.dumps(read.project(item) if read.project else item))
