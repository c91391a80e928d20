"""Everything that reads what others have written, as functions of bytes.

Each raises only if its reader did what it must not: fail in another way than the documented one, or
read one thing in two ways. `coverage` feeds them with what libFuzzer makes up, `test_targets` with
what Hypothesis does.
"""

import os
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

import orjson

from pannier.engine.cloudwatch import model as cloudwatch_model
from pannier.engine.cloudwatch.errors import CloudWatchError
from pannier.engine.cloudwatch.expressions.expression_error import ExpressionError
from pannier.engine.cloudwatch.expressions.grammar import parse as parse_metric_math
from pannier.engine.database import Database
from pannier.engine.operations import OPERATIONS
from pannier.errors import ServiceError, UserError
from pannier.expressions import (
    Placeholders,
    bind_key_condition,
    parse_condition,
    parse_projection,
    parse_update,
)
from pannier.files.reading import read_writes
from pannier.files.source import ReadOptions
from pannier.model import number
from pannier.partiql import parse_statement
from pannier.service.cloudwatch.cbor_protocol import PATH_PREFIX, CborProtocol
from pannier.service.cloudwatch.json_protocol import TARGET_PREFIX, JsonProtocol
from pannier.service.cloudwatch.query_protocol import QueryProtocol
from pannier.service.http.limits import HttpLimits
from pannier.service.http.messages import HttpRequest
from pannier.service.http.parsing import HEADERS_TOO_LARGE, RequestParser
from pannier.service.http.usual_requests import UsualRequests
from pannier.service.signature import check_form
from tests.differential.requests import creations

_NAMES: Final = {"#n": "a", "#m": "b"}
_VALUES: Final[dict[str, Any]] = {
    ":v": {"S": "x"}, ":n": {"N": "1"}, ":l": {"L": [{"N": "2"}]}, ":s": {"SS": ["x", "y"]},
    ":b": {"B": "AAE="},
}  # fmt: skip
_ITEM: Final[dict[str, Any]] = {
    "a": {"S": "x"}, "b": {"M": {"a": {"L": [{"N": "1"}, {"S": "é"}]}}}, "c": {"NS": ["1", "2"]},
}  # fmt: skip
_FORMATS: Final = ("auto", "csv", "ion", "parquet", "arrow", "dynamodb")
_LIMITS: Final = HttpLimits(header_bytes_max=2048, body_bytes_max=4096)


def expressions(data: bytes) -> None:
    """Conditions, updates, projections and key conditions, and what they make of an item."""
    text = data.decode("utf-8", "replace")
    for read in (_condition, _update, _projection, _key_condition):
        try:
            read(text, Placeholders(_NAMES, _VALUES))
        except ServiceError:
            continue


def _condition(text: str, placeholders: Placeholders) -> None:
    parse_condition(text, placeholders, kind="ConditionExpression").matches(_ITEM)


def _update(text: str, placeholders: Placeholders) -> None:
    parse_update(text, placeholders).apply(_ITEM)


def _projection(text: str, placeholders: Placeholders) -> None:
    parse_projection(text, placeholders).apply(_ITEM)


def _key_condition(text: str, placeholders: Placeholders) -> None:
    bind_key_condition(text, placeholders).resolve([("a", "S")], [("b", "N")])


def partiql(data: bytes) -> None:
    """Statements."""
    try:
        parse_statement(data.decode("utf-8", "replace")).bind([])
    except ServiceError:
        return


def numbers(data: bytes) -> None:
    """Numbers: what is read is canonical, and its order is that of its key's bytes."""
    text = data.decode("utf-8", "replace")
    try:
        read = number.parse(text)
    except ServiceError:
        return
    assert number.parse(read.text) == read
    assert number.parse(read.text).key_bytes == read.key_bytes
    assert number.measure(read.text) == (read.text, read.size)


def metric_math(data: bytes) -> None:
    """CloudWatch's expressions."""
    try:
        parse_metric_math(data.decode("utf-8", "replace"))
    except ExpressionError:
        return


@cache
def _database() -> Database:
    database = Database.in_memory(sweep_interval_s=None)
    for operation, request in creations():
        assert database.execute(operation, orjson.dumps(request)).status == 200
    return database


def requests(data: bytes) -> None:
    """Bodies of every operation: the first byte says of which."""
    names = sorted(OPERATIONS)
    answer = _database().submit(names[data[0] % len(names)] if data else names[0], data[1:])
    assert 200 <= answer.status < 500, (answer.status, answer.body)
    assert isinstance(orjson.loads(answer.body or b"{}"), dict)


def http(data: bytes) -> None:
    """Requests: the quick reader and the parser agree, and so does the parser with any cut."""
    whole, cut = _parsed([data]), _parsed([data[at : at + 7] for at in range(0, len(data), 7)])
    assert whole[0] == cut[0]
    # How much of a header, or of empty lines, was waited for depends on the cut.
    assert whole[1] == cut[1] or HEADERS_TOO_LARGE in (whole[1], cut[1])
    usual = UsualRequests(_LIMITS.header_bytes_max, _LIMITS.body_bytes_max).read(data)
    if usual is not None:
        assert whole == ([_content(usual)], 0)


def _parsed(pieces: list[bytes]) -> tuple[list[Any], int]:
    requests: list[Any] = []
    parser = RequestParser(_LIMITS, lambda each: requests.append(_content(each)), lambda: None)
    for piece in pieces:
        status = parser.feed(piece)
        assert parser.held_bytes <= 2048 + 4096 + len(piece)
        if status:
            return requests, status
    return requests, 0


def _content(request: HttpRequest) -> Any:
    return (request.method, request.target, request.headers, request.body,
            request.keep_alive, request.too_large)  # fmt: skip


def cbor(data: bytes) -> None:
    """CloudWatch in CBOR."""
    operation = _operation(data)
    _decoded(CborProtocol(), HttpRequest(b"POST", PATH_PREFIX + operation), data[1:])


def json(data: bytes) -> None:
    """CloudWatch in JSON."""
    headers = {b"x-amz-target": TARGET_PREFIX + _operation(data)}
    _decoded(JsonProtocol(), HttpRequest(b"POST", b"/", headers), data[1:])


def query(data: bytes) -> None:
    """CloudWatch's older protocol."""
    fields = b"Action=" + _operation(data) + b"&" + data[1:]
    _decoded(QueryProtocol(), HttpRequest(b"POST", b"/?x=y"), fields)


def _operation(data: bytes) -> bytes:
    names = sorted(cloudwatch_model.operations())
    return names[data[0] % len(names) if data else 0].encode()


def _decoded(protocol: Any, request: HttpRequest, body: bytes) -> None:
    try:
        operation, members = protocol.decode(request, body)
    except CloudWatchError as error:
        protocol.encode_error(error, "id")
        return
    try:
        answer = _database().cloudwatch.execute(operation, members)
    except CloudWatchError as error:
        protocol.encode_error(error, "id")
        return
    protocol.encode(operation, answer, "id")


def signature(data: bytes) -> None:
    """Authorization headers."""
    first, _, second = data.partition(b"\n")
    for headers in ({b"authorization": first}, {b"authorization": first, b"x-amz-date": second}):
        try:
            check_form(headers, second)
        except ServiceError:
            continue


def files(data: bytes) -> None:
    """Files of every format: the first byte says of which, or that it is to be found out."""
    chosen = _FORMATS[data[0] % len(_FORMATS)] if data else "auto"
    path = _folder() / "input"
    path.write_bytes(data[1:])
    options = ReadOptions(table="table", format=chosen)
    try:
        for position, _ in enumerate(read_writes(str(path), options)):
            assert position <= len(data) * 20 + 100
    except UserError:
        return


@cache
def _folder() -> Path:
    in_memory = Path("/dev/shm")
    root = str(in_memory) if os.access(in_memory, os.W_OK) else None
    folder = tempfile.TemporaryDirectory(dir=root, prefix="pannier-fuzz-")
    _KEPT.append(folder)
    return Path(folder.name)


_KEPT: Final[list[Any]] = []  # removed when the process ends

TARGETS: Final[dict[str, Callable[[bytes], None]]] = {
    each.__name__: each
    for each in (
        expressions, partiql, numbers, metric_math, requests, http, cbor, json, query, signature,
        files,
    )
}  # fmt: skip

# Where to begin: something that is read to its end, of each.
SEEDS: Final[dict[str, tuple[bytes, ...]]] = {
    "expressions": (
        b"attribute_exists(a) AND NOT (b.a[0] < :n OR #n IN (:v, :s))", b"a, #n, b.a[1]",
        b"SET a = if_not_exists(c, :n) + :n, b.a = list_append(:l, :l) REMOVE #m ADD c :s",
        b"a = :v AND b BETWEEN :n AND :n", b"size(a) >= :n", b"contains(#n, :v)",
    ),
    "partiql": (
        b"SELECT a, b.c[0] FROM \"t\".\"i\" WHERE a = 'x' AND b IN [1, 2e3] ORDER BY b DESC",
        b"INSERT INTO \"t\" VALUE {'a': <<'x'>>, 'b': [null, true, {'c': -1}]}",
        b"UPDATE t SET a = b + 1 REMOVE c WHERE a = ? RETURNING ALL OLD *",
        b"DELETE FROM t WHERE a = 'x'", b"EXISTS(SELECT * FROM t WHERE a='x')",
    ),
    "numbers": (b"-123.4500e-10", b"0.000", b"9.99E+125", b"1" * 38),
    "metric_math": (b"SUM(METRICS())/((m1+2)*-1)^2 > 3 AND IF(m1, [m1, e2], 'x')",),
    "requests": tuple(
        bytes((number,)) + orjson.dumps({"TableName": "diff-range", "Key": {"PK": {"S": "a"}}})
        for number in range(0, 60, 5)
    ),
    "http": (
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi",
        b"PUT http://a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;a\r\nh\r\n0\r\nT: u\r\n\r\n",
        b"GET /x HTTP/1.0\r\nConnection: keep-alive\r\nExpect: 100-continue\r\n\r\n",
    ),
    "cbor": (b"\x00\xa1iNamespacelAWS/DynamoDB", b"\x05\xbf\x61a\x9f\x01\xff\xff\xc1\x1a\x00\x00"),
    "json": (b'\x00{"Namespace":"AWS/DynamoDB","MetricData":[{"Value":1.5}]}',),
    "query": (b"\x00Namespace=x&MetricData.member.1.Value=1&Dimensions.member.1.Name=a%20b",),
    "signature": (
        b"AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=00\n20260101T000000Z",
    ),
    "files": (
        b'\x00{"a":{"S":"x"}}\n{"a":1.5}\n', b'\x00{"RequestItems":{"t":[]}}', b"\x01a,b\n1,2\n",
        b"\x02{a:1}", b"\x00PAR1", b'\x00[{"a":[1,{"b":null}]}]',
    ),
}  # fmt: skip
