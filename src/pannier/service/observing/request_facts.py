"""What the log tells of a request, out of its headers and its answer.

Of what stands in a request only these are ever logged: who sent it (the access key's id, never a
signature), what it asks for, the path without its query, which may be a presigned signature, and
the names of tables. Never an item, a key or an expression.
"""

import re
from typing import Any, Final

import orjson

from pannier.limits import KIB
from pannier.service.http.messages import HttpRequest, HttpResponse
from pannier.service.observing.watched_database import Applied

_IN_HEADER: Final = re.compile(rb"\bCredential=([^/,\s]{1,128})")
_IN_ADDRESS: Final = re.compile(rb"[?&]X-Amz-Credential=([^/,&%\s]{1,128})")
_XML_CODE: Final = re.compile(rb"<Code>([^<]{1,128})</Code>")
_OPERATION_LENGTH_MAX: Final = 64
_PATH_LENGTH_MAX: Final = 256
_ERROR_BYTES_MAX: Final = 64 * KIB
_BAD_REQUEST: Final = 400
_LEFTOVERS: Final = {"BatchGetItem": "UnprocessedKeys", "BatchWriteItem": "UnprocessedItems"}


def of_request(request: HttpRequest, applied: Applied | None) -> dict[str, Any]:
    """Who asks for what."""
    facts: dict[str, Any] = {}
    found = _IN_HEADER.search(request.headers.get(b"authorization", b""))
    if found is None and b"?" in request.target:
        found = _IN_ADDRESS.search(request.target)
    if found is not None:
        facts["access_key"] = found[1].decode("latin-1")
    target = request.headers.get(b"x-amz-target")
    if applied is not None:
        facts["operation"] = applied.operation
    elif target is not None and request.target == b"/":
        name = target.rpartition(b".")[2][:_OPERATION_LENGTH_MAX]
        facts["operation"] = name.decode("latin-1")
    else:
        path = request.target.partition(b"?")[0][:_PATH_LENGTH_MAX]
        facts["method"] = request.method.decode("latin-1")
        facts["path"] = path.decode("latin-1")
    return facts


def of_work(applied: Applied) -> dict[str, Any]:
    """What the engine did for a request; what there was nothing of is left out."""
    facts: dict[str, Any] = {}
    if applied.tables:
        facts["tables"] = applied.tables
    if applied.items is not None:
        facts["items"] = applied.items
    for units_of, name in (("Read", "read_units"), ("Write", "write_units")):
        if units := applied.units(units_of):
            facts[name] = units
    if left := _left_over(applied):
        facts["unprocessed"] = left
    return facts


def of_answer(response: HttpResponse) -> dict[str, Any]:
    """What it was answered."""
    facts: dict[str, Any] = {"status": response.status}
    error = _error(response) if response.status >= _BAD_REQUEST else None
    if error is not None:
        facts["error"] = error
    facts["bytes_out"] = len(response.body)
    return facts


def _error(response: HttpResponse) -> str | None:
    """The type of an error, as far as the answer's protocol has one."""
    told = response.headers.get(b"x-amzn-query-error")
    if told is not None:
        return told.partition(b";")[0].decode("latin-1")
    if len(response.body) > _ERROR_BYTES_MAX:
        return None
    if response.body.startswith(b"{"):
        try:
            return str(orjson.loads(response.body)["__type"]).rpartition("#")[2]
        except (orjson.JSONDecodeError, KeyError):
            return None
    found = _XML_CODE.search(response.body)
    return found[1].decode("utf-8", "replace") if found else None


def _left_over(applied: Applied) -> int:
    """How many items of a batch were left over."""
    member = _LEFTOVERS.get(applied.operation)
    if member is None:
        return 0
    body, name = applied.answer.body, f'"{member}":'.encode()
    begin = body.rfind(name)  # it stands behind all items
    if begin < 0 or body.startswith(b"{}", begin + len(name)):
        return 0
    try:
        left = orjson.loads(b"{" + body[begin:])[member]
    except (orjson.JSONDecodeError, KeyError):  # an attribute of a leftover has that name
        left = orjson.loads(body).get(member, {})
    return sum(len(each["Keys"] if isinstance(each, dict) else each) for each in left.values())
