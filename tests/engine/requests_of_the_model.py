"""Requests of every operation, made from the service model and then damaged.

The model that ships with botocore says what members a request has and of which types. A request
made from it at random is mostly refused late, by the rules of DynamoDB; a damaged one mostly
early, by its JSON types. Between the two every check gets its share.
"""

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import botocore
import hypothesis.strategies as st

Json = Any

# Texts that mean something somewhere: names, expressions, placeholders, enumeration values.
MEANINGFUL = st.sampled_from(
    ["tab", "tab2", "gsi", "lsi", "p", "s", "g", "a", "#n", ":v", "S", "N", "B", "HASH", "RANGE",
     "p = :v", "p = :v AND s > :w", "begins_with(s, :v)", "a.b[0]", "#n, a", "attribute_exists(a)",
     "size(a) > :v", "SET a = :v", "SET #n = if_not_exists(a, :v) REMOVE s", "ALL_OLD", "SIZE",
     "TOTAL", "INDEXES", "COUNT", "EQ", "PAY_PER_REQUEST", "ALL", "KEYS_ONLY", "INCLUDE", "",
     "arn:aws:dynamodb:us-east-1:000000000000:table/tab"]
)  # fmt: skip
TEXTS = st.one_of(MEANINGFUL, st.text(max_size=6))
NUMBERS = st.one_of(
    st.integers(-2, 6), st.sampled_from([0.5, -1.5, 1e300, 2**31, 2**63, 2**64, 10**30])
)
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)
VALUE_TEXTS = st.sampled_from(["a", "", "1", "1.5e3", "1e999", "AA==", "A", "x" * 3000, "\0"])


def attribute_values() -> st.SearchStrategy[Json]:
    """Attribute values, right and wrong ones."""
    text = st.one_of(VALUE_TEXTS, TEXTS)
    flat = st.one_of(
        st.dictionaries(st.sampled_from(["S", "N", "B"]), text, min_size=1, max_size=1),
        st.fixed_dictionaries({"S": st.sampled_from(["a", "b", "c"])}),
        st.fixed_dictionaries({"BOOL": st.booleans()}),
        st.fixed_dictionaries({"NULL": st.booleans()}),
        st.dictionaries(
            st.sampled_from(["SS", "NS", "BS"]), st.lists(text, max_size=3), min_size=1, max_size=2
        ),
    )
    return st.recursive(
        flat,
        lambda inner: st.one_of(
            st.fixed_dictionaries({"L": st.lists(inner, max_size=3)}),
            st.fixed_dictionaries({"M": st.dictionaries(TEXTS, inner, max_size=3)}),
        ),
        max_leaves=4,
    )


ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(TEXTS, st.sampled_from(["M", "L", "SS"])), inner, max_size=3),
    ),
    max_leaves=8,
)


@cache
def _model() -> dict[str, Any]:
    path = Path(botocore.__file__).parent / "data/dynamodb/2012-08-10/service-2.json.gz"
    model: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()))
    return model


def requests(operation: str) -> st.SearchStrategy[dict[str, Json]]:
    """Well-typed requests of an operation; of unknown operations, just any object."""
    described = _model()["operations"].get(operation)
    if described is None:
        return st.dictionaries(TEXTS, ANYTHING, max_size=4)
    return _of_shape(described["input"]["shape"], 0)


@cache
def _of_shape(name: str, depth: int) -> st.SearchStrategy[Json]:
    if name == "AttributeValue":
        return attribute_values()
    shape = _model()["shapes"][name]
    match shape["type"]:
        case "structure":
            return _structures(shape, depth)
        case "list":
            return st.lists(_of_shape(shape["member"]["shape"], depth + 1), max_size=3)
        case "map":
            members = _of_shape(shape["value"]["shape"], depth + 1)
            return st.dictionaries(TEXTS, members, max_size=3)
        case "string":
            return st.one_of(st.sampled_from(shape["enum"]), TEXTS) if "enum" in shape else TEXTS
        case "boolean":
            return st.booleans()
        case "blob":
            return VALUE_TEXTS
    return NUMBERS


def _structures(shape: dict[str, Any], depth: int) -> st.SearchStrategy[Json]:
    if depth > 8:
        return st.just({})
    members = {
        member: _of_shape(target["shape"], depth + 1) for member, target in shape["members"].items()
    }
    required = set(shape.get("required", ()))
    # `write` members of a union and the like are optional; the few that matter are often there.
    return st.fixed_dictionaries(
        {member: each for member, each in members.items() if member in required},
        optional={member: each for member, each in members.items() if member not in required},
    )


STEPS = st.sampled_from(["deeper"] * 4 + ["remove", "add", "repeat"])


@st.composite
def damaged(draw: st.DrawFn, request: Json) -> Json:
    """A request with one or two places replaced, removed, repeated or added."""
    for _ in range(draw(st.integers(1, 2))):
        request = _damaged_once(draw, request)
    return request


def _damaged_once(draw: st.DrawFn, node: Json) -> Json:
    """Go down at random, and damage where the way ends."""
    below: list[Any] = []
    if isinstance(node, dict):
        below = list(node)
    elif isinstance(node, list):
        below = list(range(len(node)))
    if not below or not draw(st.integers(0, 5)):
        return draw(ANYTHING)
    step = draw(st.sampled_from(below))
    copy = node.copy()
    match draw(STEPS):
        case "deeper":
            copy[step] = _damaged_once(draw, node[step])
        case "remove":
            del copy[step]
        case "add" if isinstance(copy, dict):
            copy[draw(TEXTS)] = draw(ANYTHING)
        case "repeat" if isinstance(copy, dict):
            copy[draw(TEXTS)] = node[step]
        case _:
            copy.append(node[step])
    return copy
