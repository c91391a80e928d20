"""One call is answered in the service's own words, and nothing is sent."""

import asyncio
import json
from typing import Any

import pytest

from pannier.console.pages.batch.examples import example
from pannier.console.pages.batch.rehearsal import READ, WRITE, Answer, body_of, rehearse
from tests.console.pages.batch.shop import REQUEST, TABLE, key, put

KEYS_100 = "Member must have length less than or equal to 100"


def _answer(operation: str, request: Any, *descriptions: Any) -> Answer:
    body = body_of(json.dumps(request))
    found = asyncio.run(rehearse(operation, body, descriptions or [REQUEST]))
    assert found is not None
    return found


def test_a_good_call_is_accepted() -> None:
    assert _answer(WRITE, {TABLE: [put(1)]}) == Answer(accepted=True)
    assert _answer(READ, {TABLE: {"Keys": [key(1)]}}) == Answer(accepted=True)


@pytest.mark.parametrize(
    ("operation", "request_", "error", "words"),
    [
        (WRITE, {TABLE: [put(n) for n in range(26)]}, "ValidationException", "equal to 25"),
        (READ, {TABLE: {"Keys": [key(n) for n in range(101)]}}, "ValidationException", KEYS_100),
        (WRITE, {TABLE: [put(1), put(1)]}, "ValidationException", "contains duplicates"),
        (WRITE, {"other": [put(1)]}, "ResourceNotFoundException", "resource not found"),
        (WRITE, {TABLE: [{}]}, "ValidationException", "more than one datatypes"),
        (
            READ,
            {TABLE: {"Keys": [key(1)], "ProjectionExpression": "a b"}},
            "ValidationException",
            "Invalid ProjectionExpression",
        ),
    ],
)
def test_a_bad_call_is_refused_in_the_service_s_words(
    operation: str, request_: Any, error: str, words: str
) -> None:
    answer = _answer(operation, request_)
    assert not answer.accepted
    assert answer.error == error
    assert words in answer.message


def test_the_workshop_s_thirty_are_refused() -> None:
    found = example("large-batch")
    assert found is not None
    table = {**REQUEST, "TableName": "demo-ecommerce-freetier"}
    answer = asyncio.run(rehearse(WRITE, body_of(found.text), [table]))
    assert answer is not None
    assert answer.error == "ValidationException"


def test_tables_that_can_t_be_made_alike() -> None:
    broken = {**REQUEST, "KeySchema": []}
    assert asyncio.run(rehearse(WRITE, body_of("{}"), [broken])) is None
