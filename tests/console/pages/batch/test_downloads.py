"""What is taken away can be read again by what it is for."""

import json

from pannier.batch.operation import Origin
from pannier.batch.reads.projection import Projection
from pannier.batch.reads.read import TableOptions
from pannier.batch.report import Failure
from pannier.console.pages.batch.downloads import failures_file, items_file, leftovers_file
from pannier.console.pages.batch.reading import read_draft
from tests.console.pages.batch.shop import TABLE, key, put

ORIGIN = Origin("editor", 2, "request", 7)
PUT = Failure(TABLE, "put", put(1)["PutRequest"]["Item"], "throttled", ORIGIN)
DELETE = Failure(TABLE, "delete", key(2), "throttled", ORIGIN)
GET = Failure(TABLE, "get", key(3), "throttled", ORIGIN)
PARSE = Failure(TABLE, "parse", "{", "no JSON", ORIGIN)


def test_failures_have_their_place_and_reason() -> None:
    odd = Failure(TABLE, "parse", "\ud800", "half a character", ORIGIN)
    first, second = failures_file([PUT, odd]).decode().splitlines()
    assert json.loads(first) == {
        "source": "editor",
        "line": 7,
        "request": 2,
        "table": TABLE,
        "kind": "put",
        "reason": "throttled",
        "attributes": put(1)["PutRequest"]["Item"],
    }
    assert json.loads(second)["attributes"] == "\ud800"


def test_leftovers_are_a_request_again() -> None:
    draft = read_draft(leftovers_file([PUT, DELETE, PARSE]).decode(), "leftovers.json", None)
    assert (draft.size, draft.problems) == (2, [])
    assert json.loads(draft.request) == {TABLE: [put(1), {"DeleteRequest": {"Key": key(2)}}]}


def test_leftovers_of_a_read_keep_how_it_reads() -> None:
    options = {TABLE: TableOptions(Projection("#a", {"#a": "PK"}), consistent=True)}
    request = json.loads(leftovers_file([GET], options))
    assert request == {
        TABLE: {
            "Keys": [key(3)],
            "ProjectionExpression": "#a",
            "ExpressionAttributeNames": {"#a": "PK"},
            "ConsistentRead": True,
        }
    }
    assert json.loads(leftovers_file([GET])) == {TABLE: {"Keys": [key(3)]}}


def test_nothing_left_is_an_empty_request() -> None:
    assert leftovers_file([PARSE]).strip() == b"{}"


def test_items_are_items_again() -> None:
    draft = read_draft(items_file([(TABLE, key(1)), (TABLE, key(2))]).decode(), "i.jsonl", "T")
    assert (draft.size, draft.problems) == (2, [])
