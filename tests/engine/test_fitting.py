"""The quick answer to "is this request as the service model wants it?" must never be a wrong yes.

A good request is let through by `fitting` alone; only what it is not sure of is looked at by
`constraints`, which has the texts. A wrong yes would let a request through that AWS refuses. A
needless no costs microseconds, so it is only tested that the usual requests get a yes.
"""

from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from pannier.engine import constraints
from pannier.engine.fitting import compile_shape
from pannier.engine.operations import OPERATIONS
from pannier.engine.service_model import input_shape
from pannier.errors import SerializationException
from tests.engine.requests_of_the_model import damaged, requests
from tests.engine.test_request_fuzz import GOOD

KEY = {"p": {"S": "a"}}


def fits(operation: str, request: Any) -> bool:
    return compile_shape(input_shape(operation)).fits(request)


def complains(operation: str, request: Any) -> bool:
    problems: list[str] = []
    try:
        constraints._operation_check(operation)(request, "", problems)
    except SerializationException:
        return True
    return bool(problems)


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
@settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data=st.data())
def test_what_fits_breaks_no_constraint(operation, data):
    good = [st.just(GOOD[operation])] if operation in GOOD else []
    request = data.draw(st.one_of(*good, requests(operation)))
    request = data.draw(st.one_of(st.just(request), damaged(request)))
    if fits(operation, request):
        assert not complains(operation, request)


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("GetItem", {"TableName": "tab", "Key": KEY}),
        ("GetItem", {"TableName": "tab", "Key": KEY, "ConsistentRead": True, "Unknown": [None]}),
        ("PutItem", {"TableName": "tab", "Item": {**KEY, "l": {"L": [{"M": {"n": {"N": "1"}}}]}}}),
        (
            "PutItem",
            {"TableName": "tab", "Item": {**KEY, "b": {"BOOL": False}, "s": {"SS": ["a"]}}},
        ),
        ("Query", {"TableName": "tab", "KeyConditionExpression": "p = :p", "Limit": 100}),
        ("Query", {"TableName": "tab", "ExpressionAttributeValues": {":p": {"S": "a"}}}),
        ("BatchGetItem", {"RequestItems": {"tab": {"Keys": [KEY]}}}),
        ("BatchWriteItem", {"RequestItems": {"tab": [{"PutRequest": {"Item": KEY}}]}}),
    ],
)
def test_usual_requests_fit(operation, request_):
    assert fits(operation, request_)


@pytest.mark.parametrize(
    "request_",
    [
        [],
        {"TableName": "tab"},
        {"TableName": "tab", "Key": None},
        {"TableName": "", "Key": KEY},
        {"TableName": "a b", "Key": KEY},
        {"TableName": "t" * 256, "Key": KEY},
        {"TableName": "tab", "Key": {"p": {"S": 1}}},
        {"TableName": "tab", "Key": {"p": {"M": {"q": "a"}}}},
        {"TableName": "tab", "Key": {"p": None}},
        {"TableName": "tab", "Key": KEY, "ConsistentRead": 1},
        {"TableName": "tab", "Key": KEY, "AttributesToGet": []},
        {"TableName": "tab", "Key": KEY, "ReturnConsumedCapacity": "ALL"},
    ],
)
def test_bad_requests_do_not_fit(request_):
    assert not fits("GetItem", request_)
    assert complains("GetItem", request_)


def test_a_value_nested_beyond_the_stack():
    """It is left to `constraints`, which walks without recursion."""
    value: dict[str, Any] = {"S": "a"}
    for _ in range(100_000):
        value = {"L": [value]}
    request = {"TableName": "tab", "Key": {"p": value}}
    assert not fits("GetItem", request)
    assert not complains("GetItem", request)
