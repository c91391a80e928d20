"""The command lines that read what a page shows."""

from collections.abc import Mapping
from typing import Any, Final

from pannier.console.command_lines import Option, aws_line, json_text, pannier_line
from pannier.console.pages.explore.question import Question

_EXPRESSIONS: Final = (
    ("IndexName", "--index"),
    ("KeyConditionExpression", "--key"),
    ("FilterExpression", "--filter"),
)


def commands(
    question: Question, operation: str, request: Mapping[str, Any], address: str
) -> tuple[str, str]:
    """The lines for `pannier` and for `aws`.

    Args:
        question: what is asked.
        operation: `Scan` or `Query`.
        request: its request.
        address: the target: `aws`, or a URL.
    """
    options: list[Option] = [
        (option, request[member]) for member, option in _EXPRESSIONS if member in request
    ]
    used = {
        name: meant
        for name, meant in (request.get("ExpressionAttributeNames") or {}).items()
        if any(name in request.get(member, "") for member, _ in _EXPRESSIONS)
    }
    if request.get("ExpressionAttributeValues"):
        options.append(("--values", json_text(request["ExpressionAttributeValues"])))
    if used:
        options.append(("--names", json_text(used)))
    if question.projection:
        options.append(("--project", question.projection))
    if question.consistent:
        options.append(("--consistent", None))
    if question.is_query and question.backward:
        options.append(("--backward", None))
    options.append(("--limit", str(question.size)))
    own = pannier_line([operation.lower(), question.table], options, address)
    limited = {**request, "MaxItems": question.size}
    return own, aws_line(operation, limited, address)
