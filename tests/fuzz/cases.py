"""What the fuzzer sends: requests of everything that is served, with something wrong in most."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import cbor2

from tests.fuzz.mutations import Mutations
from tests.fuzz.spoiling import spoiled

_SIGNED = (
    b"host: %s\r\nx-amz-date: 20260101T000000Z\r\nauthorization: "
    b"AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=c, Signature=d\r\n"
)
_CBOR_PATH = b"/service/GraniteServiceVersion20100801/operation/"
_JSON_TARGET = b"GraniteServiceVersion20100801."
_STREAMS_TARGET = b"DynamoDBStreams_20120810."
_DIMENSIONS = [{"Name": "TableName", "Value": "diff-hash"}]
_QUERIES = [
    {"Id": "e1", "Expression": "SUM(METRICS())/((m1+2)*-1)", "Period": 60},
    {"Id": "m1", "MetricStat": {"Metric": {"Namespace": "AWS/DynamoDB", "MetricName": "UserErrors"},
                                "Period": 60, "Stat": "p99"}},
]  # fmt: skip
_CLOUDWATCH: dict[str, dict[str, Any]] = {
    "ListMetrics": {"Namespace": "AWS/DynamoDB", "Dimensions": _DIMENSIONS},
    "GetMetricStatistics": {
        "Namespace": "AWS/DynamoDB", "MetricName": "ConsumedReadCapacityUnits", "Period": 60,
        "StartTime": 1_700_000_000, "EndTime": 1_700_003_600, "Statistics": ["Sum", "Average"],
    },
    "GetMetricData": {
        "MetricDataQueries": _QUERIES, "StartTime": 1_700_000_000, "EndTime": 1_700_003_600,
    },
    "PutMetricData": {
        "Namespace": "fuzz", "MetricData": [
            {"MetricName": "m", "Value": 1.5, "Unit": "Count", "Dimensions": _DIMENSIONS},
            {"MetricName": "m", "Values": [1, 2], "Counts": [1, 3]},
        ],
    },
    "DescribeAlarms": {"AlarmNames": ["a"], "MaxRecords": 10},
    "PutMetricAlarm": {
        "AlarmName": "a", "MetricName": "m", "Namespace": "fuzz", "Statistic": "Sum", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold",
    },
    "DeleteAlarms": {"AlarmNames": ["a"]},
    "DescribeAlarmHistory": {"AlarmName": "a"},
}  # fmt: skip
_ARN = "arn:aws:dynamodb:us-east-1:000000000000:table/diff-hash/stream/2026"
_STREAMS: dict[str, dict[str, Any]] = {
    "ListStreams": {"TableName": "diff-hash", "Limit": 10},
    "DescribeStream": {"StreamArn": _ARN, "ExclusiveStartShardId": "shardId-1"},
    "GetShardIterator": {"StreamArn": _ARN, "ShardId": "shardId-1", "ShardIteratorType": "LATEST"},
    "GetRecords": {"ShardIterator": f"{_ARN}|1|AAAA", "Limit": 3},
}
# Rules of faults have a member that there is not: one that came into force would strike others.
_ADMIN = (
    (b"GET", b"", None), (b"GET", b"throttle", None), (b"GET", b"throttle/state", None),
    (b"GET", b"faults", None), (b"GET", b"clock", None), (b"HEAD", b"faults", None),
    (b"PUT", b"throttle", {"mode": "off", "burst_s": 300}),
    (b"POST", b"clock", {"advance_s": 1}),
    (b"PUT", b"faults", {"seed": 1, "none": 0, "rules": [{"operation": "Scan", "none": 1}]}),
    (b"POST", b"faults", {"operation": ["GetItem"], "error": "InternalServerError", "none": 1}),
    (b"DELETE", b"faults/x", None), (b"OPTIONS", b"faults", None), (b"GET", b"../x?y=%00", None),
)  # fmt: skip
_WORDS = (
    "SELECT", "*", "FROM", "WHERE", "INSERT", "INTO", "VALUE", "UPDATE", "SET", "DELETE", "REMOVE",
    '"diff-hash"', '"diff-range"."GSI"', '"PK"', "SK", "a", "?", "'x'", "1", "1e5", "{'PK': 'a'}",
    "[1, 'x']", "<<1>>", "(", ")", "=", "<", "AND", "OR", "NOT", "IN", "BETWEEN", "IS", "MISSING",
    "begins_with(", "size(", "RETURNING", "ALL OLD *", ".", "[0]", ",", "ORDER BY", "DESC",
    "EXISTS(",
)  # fmt: skip
_EXPRESSION_WORDS = (
    "a", "b.c", "a[0]", "#n", ":v", ":w", "(", ")", ",", "=", "<>", "<", "AND", "OR", "NOT", "IN (",
    "BETWEEN", "size(", "contains(", "attribute_exists(", "begins_with(", "SET", "REMOVE", "ADD",
    "DELETE", "+", "-", "if_not_exists(", "list_append(", "[", "]", ".", "0", "99999999999", "PK",
)  # fmt: skip
_EXPRESSIONS = (
    ("PutItem", "ConditionExpression", {"Item": {"PK": {"S": "f"}}}),
    ("UpdateItem", "UpdateExpression", {"Key": {"PK": {"S": "f"}}}),
    ("Query", "KeyConditionExpression", {}),
    ("Scan", "FilterExpression", {"Limit": 5}),
    ("GetItem", "ProjectionExpression", {"Key": {"PK": {"S": "f"}}}),
)
_VALUES = {":v": {"S": "f"}, ":w": {"L": [{"N": "1"}, {"SS": ["x"]}]}}


@dataclass(frozen=True)
class Case:
    """One request.

    Attributes:
        kind: what it is.
        data: its bytes on the wire.
        alone: whether it may break the connection, and needs one of its own.
        is_head: whether its answer has no body.
    """

    kind: str
    data: bytes
    alone: bool = False
    is_head: bool = False


class Cases:
    """An endless stream of cases from a seed.

    Args:
        seed: of the chance.
        host: `name:port` of the server, by which its admin API lets requests in.
    """

    def __init__(self, seed: int, host: bytes) -> None:
        self._chance = random.Random(seed)
        self._mutations = Mutations(seed)
        self._signed = _SIGNED % host
        self._host = host

    def __iter__(self) -> Iterator[Case]:
        makers = [
            (self._dynamodb, 40), (self._spoiled_body, 20), (self._statement, 8),
            (self._expression, 8), (self._cloudwatch, 8), (self._streams, 3), (self._admin, 2),
            (self._http, 11),
        ]  # fmt: skip
        kinds, weights = zip(*makers, strict=True)
        while True:
            for maker in self._chance.choices(kinds, weights, k=256):
                yield maker()

    def good(self, operation: str, body: bytes) -> Case:
        """A request of DynamoDB as it is."""
        return self._posted("good", b"DynamoDB_20120810." + operation.encode(), body)

    def _posted(
        self, kind: str, target: bytes, body: bytes, more: bytes = b"", path: bytes = b"/"
    ) -> Case:
        head = b"POST %s HTTP/1.1\r\n%s" % (path, self._signed)
        if target:
            head += b"x-amz-target: %s\r\n" % target
        return Case(kind, head + b"%scontent-length: %d\r\n\r\n" % (more, len(body)) + body)

    def _dynamodb(self) -> Case:
        return self._posted("dynamodb", *self._mutations.next())

    def _spoiled_body(self) -> Case:
        target, body = self._mutations.next()
        return self._posted("spoiled", target, spoiled(self._chance, body))

    def _statement(self) -> Case:
        c = self._chance
        text = " ".join(c.choices(_WORDS, k=c.randint(1, 14)))
        if c.random() < 0.2:
            text = c.choice(["(", "NOT ", "[", "{'a':", "-"]) * c.choice([30, 500, 4000]) + text
        request: dict[str, Any] = {"Statement": text}
        if c.random() < 0.3:
            request["Parameters"] = [{"S": "a"}] * c.randint(0, 3)
        operation = "ExecuteStatement"
        if c.random() < 0.3:
            operation, member = c.choice(
                [("BatchExecuteStatement", "Statements"),
                 ("ExecuteTransaction", "TransactStatements")]
            )  # fmt: skip
            request = {member: [request] * c.randint(1, 3)}
        return self._posted("partiql", b"DynamoDB_20120810." + operation.encode(), _json(request))

    def _expression(self) -> Case:
        c = self._chance
        operation, member, request = c.choice(_EXPRESSIONS)
        text = " ".join(c.choices(_EXPRESSION_WORDS, k=c.randint(1, 12)))
        if c.random() < 0.1:
            text = c.choice(["(", "NOT ", "size(", "a.", "a=b OR "]) * c.choice([40, 500]) + text
        body = _json({
            "TableName": "diff-hash", **request, member: text,
            "ExpressionAttributeNames": {"#n": "a"}, "ExpressionAttributeValues": _VALUES,
        })  # fmt: skip
        return self._posted("expression", b"DynamoDB_20120810." + operation.encode(), body)

    def _cloudwatch(self) -> Case:
        c = self._chance
        operation, request = c.choice(list(_CLOUDWATCH.items()))
        if c.random() < 0.7:
            request = self._mutations.mutated(request)
        name, protocol = operation.encode(), c.choice(["json", "cbor", "query"])
        if protocol == "json":
            body = self._perhaps_spoiled(_json(request))
            return self._posted("cloudwatch json", _JSON_TARGET + name, body)
        if protocol == "cbor":
            body = self._perhaps_spoiled(cbor2.dumps(request))
            return self._posted("cloudwatch cbor", b"", body, path=_CBOR_PATH + name)
        fields = [("Action", operation), ("Version", "2010-08-01"), *_fields("", request)]
        body = self._perhaps_spoiled(urlencode(fields).encode())
        form = b"content-type: application/x-www-form-urlencoded\r\n"
        if c.random() < 0.05:
            form += b"content-encoding: gzip\r\n"
        return self._posted("cloudwatch query", b"", body, form)

    def _streams(self) -> Case:
        operation, request = self._chance.choice(list(_STREAMS.items()))
        body = self._perhaps_spoiled(_json(self._mutations.mutated(request)))
        return self._posted("streams", _STREAMS_TARGET + operation.encode(), body)

    def _admin(self) -> Case:
        c = self._chance
        method, path, content = c.choice(_ADMIN)
        body = b"" if content is None else _json(content)
        if body and b"none" not in body:
            body = self._perhaps_spoiled(_json(self._mutations.mutated(content)))
        head = b"%s /_pannier/%s HTTP/1.1\r\nhost: %s\r\ncontent-type: application/json\r\n" % (
            method, path, self._host,
        )  # fmt: skip
        data = head + b"content-length: %d\r\n\r\n" % len(body) + body
        return Case("admin", data, is_head=method == b"HEAD")

    def _http(self) -> Case:
        c = self._chance
        good = self._posted("", *self._mutations.next()).data
        if c.random() < 0.3:
            head, _, body = good.partition(b"\r\n\r\n")
            head = head.rpartition(b"\r\n")[0] + b"\r\ntransfer-encoding: chunked"
            cut = c.randrange(len(body) + 1)
            chunks = b"".join(b"%x;a=b\r\n%s\r\n" % (len(each), each)
                              for each in (body[:cut], body[cut:]) if each)  # fmt: skip
            good = head + b"\r\n\r\n" + chunks + b"0\r\nt: u\r\n\r\n"
        if c.random() < 0.3:
            good *= 2
        # Mostly in the head: what is in the body, others look after.
        at = good.find(b"\r\n\r\n") + 4
        data = spoiled(c, good[:at]) + good[at:] if c.random() < 0.8 else spoiled(c, good)
        return Case("http", data, alone=True)

    def _perhaps_spoiled(self, data: bytes) -> bytes:
        return spoiled(self._chance, data) if self._chance.random() < 0.4 else data


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _fields(prefix: str, value: Any) -> Iterator[tuple[str, str]]:
    """A request as fields of a form."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _fields(f"{prefix}.{name}" if prefix else name, each)
    elif isinstance(value, list):
        for number, each in enumerate(value, start=1):
            yield from _fields(f"{prefix}.member.{number}", each)
    else:
        yield prefix, str(value)
