"""One table of a connection."""

from collections.abc import Generator, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from pannier.batch.options import Options
from pannier.batch.reads.projection import Projection
from pannier.batch.report import OnFailure, Report
from pannier.library.conversions import PlainItem
from pannier.library.writers import Writer
from pannier.model.plain import from_item, to_item

if TYPE_CHECKING:
    from pannier.library.connection import Connection

_DEFAULTS: Final = Options()


class Table:
    """One table of a connection.

    Args:
        connection: where the table is.
        name: its name.
    """

    def __init__(self, connection: "Connection", name: str) -> None:
        self._connection = connection
        self.name = name

    def describe(self) -> dict[str, Any]:
        """The `TableDescription` of the API."""
        answer = self._connection.call("DescribeTable", {"TableName": self.name})
        description: dict[str, Any] = answer["Table"]
        return description

    def write(self, items: Iterable[PlainItem], *, options: Options = _DEFAULTS) -> Report:
        """Put plain Python items, as many as there are."""
        return self._connection.write(items, self.name, options=options)

    def delete(self, keys: Iterable[PlainItem], *, options: Options = _DEFAULTS) -> Report:
        """Delete items by plain Python keys, or by those of items, as many as there are."""
        return self._connection.delete(keys, self.name, options=options)

    def writer(
        self, *, options: Options = _DEFAULTS, on_failure: OnFailure | None = None
    ) -> Writer:
        """Write one by one; see `Connection.writer`."""
        return self._connection.writer(self.name, options=options, on_failure=on_failure)

    def scan(self, **request: Any) -> Generator[dict[str, Any], None, None]:
        """All items of the table; see `Connection.scan` for the arguments."""
        return self._connection.scan(self.name, **request)

    def query(
        self, key: str, values: Mapping[str, Any], **request: Any
    ) -> Generator[dict[str, Any], None, None]:
        """The items under one partition key; see `Connection.query` for the arguments."""
        return self._connection.query(self.name, key, values, **request)

    def read(
        self,
        keys: Iterable[PlainItem],
        *,
        projection: str | Projection | None = None,
        consistent: bool = False,
        options: Options = _DEFAULTS,
    ) -> Iterator[dict[str, Any]]:
        """Read items by plain Python keys, as many as there are."""
        return self._connection.read(
            keys, self.name, projection=projection, consistent=consistent, options=options
        )

    def get(self, key: PlainItem, *, consistent: bool = False) -> dict[str, Any] | None:
        """One item by its plain Python key, or None."""
        request = {
            "TableName": self.name,
            "Key": to_item(key),
            "ConsistentRead": consistent,
        }
        item = self._connection.call("GetItem", request).get("Item")
        return None if item is None else from_item(item)
