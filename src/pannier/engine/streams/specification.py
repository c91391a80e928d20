"""`StreamSpecification`, as CreateTable and UpdateTable check it.

| rule | text | evidence |
|---|---|---|
| CreateTable: disabled, with a view type | `Table is being created with a stream disabled, ...` | captured (public conformance issues) |
| CreateTable: enabled, without one | `Table is being created with a stream enabled, ...` | inferred from its twin |
| UpdateTable: disabled, with a view type | `If stream is being disabled, ...` | captured (Terraform issue 1134) |
| UpdateTable: enabled, without one | `If stream is being enabled, ...` | inferred from its twin |
| enabling a second stream | `Table already has an enabled stream: TableName: ...` | captured |
| disabling where there is none | `Table has no stream to disable: TableName: ...` | captured |

That `StreamEnabled` is required, and the values of `StreamViewType`, are the service model's.
"""  # noqa: E501  # a table's row can't be wrapped

from collections.abc import Mapping
from typing import Any

from pannier.engine.streams import messages
from pannier.errors import ValidationException


def check_creation(specification: Mapping[str, Any]) -> str | None:
    """Check the specification of a table that is to be made.

    Returns:
        The view type of the stream to enable, or None for no stream.

    Raises:
        ValidationException: the two members contradict each other.
    """
    return _view_type(specification, messages.CREATED_ENABLED, messages.CREATED_DISABLED)


def check_update(specification: Mapping[str, Any], table: str, *, enabled: bool) -> str | None:
    """Check the specification of a table that is to be changed.

    Args:
        specification: held against the service model already.
        table: the table's name.
        enabled: whether it has a stream that is enabled.

    Returns:
        The view type of the stream to enable, or None to disable the one there is.

    Raises:
        ValidationException: it contradicts itself, or is what the table has already.
    """
    view_type = _view_type(specification, messages.BEING_ENABLED, messages.BEING_DISABLED)
    if view_type is not None and enabled:
        raise ValidationException(messages.already_enabled(table))
    if view_type is None and not enabled:
        raise ValidationException(messages.none_to_disable(table))
    return view_type


def _view_type(specification: Mapping[str, Any], missing: str, needless: str) -> str | None:
    view_type: str | None = specification.get("StreamViewType")
    if specification["StreamEnabled"]:
        if view_type is None:
            raise ValidationException(missing)
        return view_type
    if view_type is not None:
        raise ValidationException(needless)
    return None
