"""The command: `python -m tests.differential --endpoint URL`."""

import argparse
import http.client
import json
import re
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

from pannier.engine.database import Database
from tests.differential.comparing import Answered, difference
from tests.differential.explained import reason
from tests.differential.requests import TABLES, Requests, creations

_AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, "
    "SignedHeaders=host;x-amz-date;x-amz-target, Signature=" + "0" * 64
)


class Endpoint:
    """Another server, over one connection."""

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)

    def call(self, operation: str, request: dict[str, Any]) -> Answered:
        """Send a request."""
        headers = {
            "X-Amz-Target": f"DynamoDB_20120810.{operation}",
            "X-Amz-Date": "20260101T000000Z",
            "Content-Type": "application/x-amz-json-1.0",
            "Authorization": _AUTHORIZATION,
        }
        self._connection.request("POST", "/", json.dumps(request), headers)
        response = self._connection.getresponse()
        body = response.read()
        try:
            return response.status, json.loads(body)
        except ValueError:
            return response.status, {"message": body[:200].decode("utf-8", "replace")}


def call_pannier(database: Database, operation: str, request: dict[str, Any]) -> Answered:
    """The same, in this process."""
    answer = database.execute(operation, json.dumps(request).encode())
    return answer.status, json.loads(answer.body)


def make_tables(endpoint: Endpoint, database: Database) -> None:
    """The same empty tables on both sides."""
    for name in TABLES:
        endpoint.call("DeleteTable", {"TableName": name})
        call_pannier(database, "DeleteTable", {"TableName": name})
    for operation, request in creations():
        assert call_pannier(database, operation, request)[0] == 200
        assert endpoint.call(operation, request)[0] == 200


def main() -> None:
    """Run, and print each kind of difference with an example and how often it came."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--all", action="store_true", help="show explained differences too")
    parser.add_argument("--only", help="operations, separated by commas")
    options = parser.parse_args()
    endpoint, database = Endpoint(options.endpoint), Database.in_memory()
    make_tables(endpoint, database)
    only = set((options.only or "").split(",")) - {""}
    seen: Counter[str] = Counter()
    explained: Counter[str] = Counter()
    examples: dict[str, str] = {}
    requests = Requests(options.seed)
    for _, (operation, request) in zip(range(options.count), requests, strict=False):
        if only and operation not in only:
            continue
        ours = call_pannier(database, operation, json.loads(json.dumps(request)))
        theirs = endpoint.call(operation, request)
        how = difference(operation, ours, theirs)
        if how is None:
            continue
        if how.startswith("status "):
            make_tables(endpoint, database)  # one side has written what the other refused
        why = reason(how)
        if why is not None and not options.all:
            explained[why] += 1
        else:
            kind = f"{operation} {re.sub(r'[0-9]+', '0', how)[:160]}"
            seen[kind] += 1
            examples.setdefault(kind, f"{how}\n    {json.dumps(request)}")
    for kind, count in seen.most_common():
        print(f"{count} x {kind.split()[0]} {examples[kind]}\n")
    for why, count in explained.most_common():
        print(f"explained: {count} x {why}")
    print(
        f"{options.count} requests, {explained.total()} differences that were looked at, "
        f"{seen.total()} others of {len(seen)} kinds"
    )


if __name__ == "__main__":
    main()
