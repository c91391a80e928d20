"""What callers give to scan or query, as the members of a request."""

from collections.abc import Mapping
from typing import Any

from pannier.batch.reads.projection import Projection, projection_of_names
from pannier.batch.tables.reserved_names import with_placeholders
from pannier.errors import UserError
from pannier.model.plain import to_item


def page_request(
    table: str,
    *,
    index: str | None = None,
    key: str | None = None,
    filter: str | None = None,  # noqa: A002  # the API's word
    values: Mapping[str, Any] | None = None,
    names: Mapping[str, str] | None = None,
    projection: str | Projection | None = None,
    consistent: bool = False,
    backward: bool = False,
) -> dict[str, Any]:
    """The members that all pages of a scan or query have.

    Args:
        table: the table's name.
        index: the index that is read instead.
        key: a KeyConditionExpression; for a query.
        filter: a FilterExpression. In both, reserved words may be written as they are, except for
            AND, OR, NOT, BETWEEN, IN, SET, REMOVE, ADD and DELETE.
        values: plain Python values of the placeholders in both, `{":low": 5}`.
        names: names of the placeholders in both, `{"#n": "name"}`.
        projection: the attributes wanted; reserved words may be written as they are.
        consistent: consistent reads.
        backward: a query from the last sort key to the first.

    Raises:
        UserError: two placeholders of one name.
        ConversionError: a value has no DynamoDB form.
    """
    request: dict[str, Any] = {"TableName": table}
    if isinstance(projection, str):
        projection = projection_of_names(projection)
    all_names = dict(names or {})
    if key is not None:
        key, all_names = with_placeholders(key, all_names)
    if filter is not None:
        filter, all_names = with_placeholders(filter, all_names)  # noqa: A001  # the API's word
    if projection is not None and projection.expression is not None:
        request["ProjectionExpression"] = projection.expression
        for placeholder, name in (projection.names or {}).items():
            if all_names.setdefault(placeholder, name) != name:
                raise UserError(
                    f"the placeholder {placeholder} has two meanings",
                    "Projections name theirs #p0, #p1 ...; name yours otherwise.",
                )
    optional: dict[str, Any] = {
        "IndexName": index,
        "KeyConditionExpression": key,
        "FilterExpression": filter,
        "ExpressionAttributeNames": all_names,
        "ExpressionAttributeValues": to_item(values) if values else None,
        "ConsistentRead": consistent,
    }
    request |= {name: value for name, value in optional.items() if value}
    if backward:
        request["ScanIndexForward"] = False
    return request
