"""Rules as files have them: what is read, and what is said about rules that can't be."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pannier.engine.faults import (
    Drop,
    Error,
    Fixed,
    KeyPattern,
    Leave,
    LogNormal,
    Rule,
    RuleError,
    Slow,
    Throttle,
    read_file,
    read_plan,
    read_rule,
)
from pannier.engine.faults.reading import show_rule
from pannier.errors import UserError

TOML = """
seed = 7

[[rules]]
name = "half"
operations = "BatchWriteItem"
tables = ["orders-*", "shop"]
key = { PK = "USER#*", SK = { prefix = "A" }, n = 5 }
probability = 0.5
skip = 2
times = 3
begins = 2026-07-01T12:00:00Z
ends_after_s = 60
leave = { share = 0.4, pass_one = true }

[[rules]]
slow = { distribution = "lognormal", median_ms = 50, sigma = 0.5, max_s = 2 }
"""


def test_a_file_in_toml(tmp_path: Path):
    file = tmp_path / "faults.toml"
    file.write_text(TOML)
    plan = read_file(file)
    assert plan.seed == 7
    half, slow = plan.rules
    assert half == Rule(
        effect=Leave(0.4, pass_one=True),
        operations=("BatchWriteItem",),
        tables=("orders-*", "shop"),
        key=(
            KeyPattern("PK", "glob", "USER#*"),
            KeyPattern("SK", "prefix", "A"),
            KeyPattern("n", "equals", "5"),
        ),
        probability=0.5,
        skip=2,
        times=3,
        begins_s=datetime(2026, 7, 1, 12, tzinfo=UTC).timestamp(),
        ends_after_s=60,
        name="half",
    )
    assert slow.effect == Slow(LogNormal(0.05, 0.5), max_s=2)


@pytest.mark.parametrize("name", ["faults.json", "faults"])
@pytest.mark.parametrize("content", ['{"rules": [{"leave": 0.5}]}', ' [{"leave": 0.5}]'])
def test_a_file_in_json(tmp_path: Path, name: str, content: str):
    """By its name, or because it begins as JSON does; a list alone would be TOML without a name."""
    file = tmp_path / name
    file.write_text(content)
    if name == "faults" and content.startswith(" ["):
        with pytest.raises(UserError, match="is no TOML"):
            read_file(file)
        return
    assert read_file(file).rules == (Rule(effect=Leave(0.5)),)


@pytest.mark.parametrize(
    ("effect", "expected"),
    [
        ({"leave": 0.25}, Leave(0.25)),
        ({"leave": {}}, Leave()),
        ({"throttle": True}, Throttle()),
        ({"error": "RequestLimitExceeded"}, Error("RequestLimitExceeded")),
        ({"error": {"name": "MyError", "status": 418}}, Error("MyError", status=418)),
        ({"slow": {"delay_ms": 200}}, Slow(Fixed(0.2))),
        ({"slow": {"delay_s": 0.2}}, Slow(Fixed(0.2))),
        ({"drop": "after"}, Drop("after")),
    ],
)
def test_effects_have_a_short_form(effect, expected):
    assert read_rule(effect).effect == expected


RULES = [
    Rule(effect=Leave(0.4, pass_one=True), operations=("Batch*",), times=1, name="a"),
    Rule(effect=Throttle(), tables=("t*",), begins_s=5.0, ends_s=6.5),
    Rule(effect=Error("X", "text", 599, {"A": [1]}, html=True), probability=0.125, skip=9),
    Rule(effect=Error("ServiceUnavailable", html=False)),
    Rule(effect=Slow(LogNormal(0.1, 2), 3), begins_after_s=1.0, ends_after_s=2.0),
    Rule(effect=Drop("after"), key=(KeyPattern("p", "regex", "a|b"), KeyPattern("q", "glob", "*"))),
]


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_that_is_shown_can_be_read_again(rule: Rule):
    """What the admin API shows can be saved as a file, and means the same."""
    assert read_rule(json.loads(json.dumps(show_rule(rule)))) == rule


@pytest.mark.parametrize(
    ("raw", "problem", "allowed"),
    [
        ({}, "needs one effect, and has none", "leave, throttle, error, slow, drop"),
        ({"leave": 0.5, "drop": "after"}, "has leave and drop", "Give one of"),
        ({"leave": 2}, "'share' can't be 2", "from 0 to 1"),
        ({"leave": "half"}, "'share' can't be 'half'", "from 0 to 1"),
        ({"leave": {"shares": 1}}, "there is no 'leave.shares'", "Did you mean share?"),
        ({"leaves": 1}, "there is no 'leaves'", "Did you mean leave?"),
        ({"leave": 0.5, "probability": "1"}, "'probability' can't be '1'", "from 0 to 1"),
        ({"leave": 0.5, "operations": "PutItem"}, "not possible for PutItem", "BatchWriteItem"),
        ({"leave": 0.5, "operations": []}, None, None),
        ({"leave": 0.5, "operations": "BatchWrite"}, "no operation", "Did you mean BatchWriteItem"),
        ({"leave": 0.5, "operations": "X*"}, "no operation 'X*'", "patterns, e.g. Batch*"),
        ({"leave": 0.5, "operations": [1]}, "'operations' can't be [1]", "list of texts"),
        ({"leave": 0.5, "tables": ""}, "'tables' has an empty text", "Leave it out"),
        ({"leave": 0.5, "key": "PK"}, "'key' can't be 'PK'", "patterns by attribute"),
        ({"leave": 0.5, "key": {"PK": True}}, "'key.PK' can't be True", "equals, glob"),
        ({"leave": 0.5, "key": {"PK": {"like": "x"}}}, "'key.PK' can't have 'like'", "prefix"),
        ({"leave": 0.5, "key": {"PK": {"regex": "("}}}, "no regular expression", ""),
        ({"throttle": True, "operations": "CreateTable"}, "not possible for CreateTable", "Query"),
        ({"throttle": 1}, "'throttle' can't be 1", "Give true"),
        ({"throttle": True, "times": 0}, "'times' can't be 0", "from 1 up"),
        ({"throttle": True, "skip": 1.5}, "'skip' can't be 1.5", "whole number"),
        ({"throttle": True, "name": "a/b"}, "'name' can't be 'a/b'", "letters"),
        ({"throttle": True, "begins": "soon"}, "'begins' can't be 'soon'", "2026-"),
        ({"throttle": True, "begins": 9, "ends": 9}, "ends before it begins", "after"),
        ({"throttle": True, "begins": 9, "begins_after_s": 1}, "both given", "Give one"),
        ({"throttle": True, "ends_after_s": -1}, "'ends_after_s' can't be -1", "0 or more"),
        ({"slow": 0.5}, "'slow' can't be 0.5", "Say the unit"),
        ({"slow": {}}, "'slow.delay_s' is missing", "delay_s (or delay_ms)"),
        ({"slow": {"delay_ms": 5, "delay_s": 1}}, "twice", "once"),
        ({"slow": {"distribution": "zipf"}}, "can't be 'zipf'", "pareto"),
        ({"slow": {"mean_ms": 5}}, "there is no 'slow.mean_s'", "distribution"),
        ({"slow": {"delay_ms": "5"}}, "can't be '5'", "milliseconds"),
        ({"slow": {"delay_s": 901}}, "'delay_s' can't be 901", "from 0 to 900"),
        ({"error": "InternalServerErr"}, "no error 'InternalServerErr'", "InternalServerError"),
        ({"error": {"name": "X", "status": 200}}, "'status' can't be 200", "400 to 599"),
        ({"error": {"name": "two words", "status": 400}}, "can't be named", "as the API has it"),
        ({"error": {"message": 5}}, "'message' can't be 5", "Give a text"),
        ({"error": {"fields": []}}, "'fields' can't be []", "Give an object"),
        ({"drop": "now"}, "'drop' can't be 'now'", '"before" or "after"'),
        ("leave", "it can't be 'leave'", "Give an object"),
    ],
)
def test_a_rule_that_cannot_be_says_which_one_what_and_what_is_allowed(raw, problem, allowed):
    if problem is None:
        read_rule(raw)
        return
    good = {"throttle": True}
    with pytest.raises(RuleError) as caught:
        read_plan([good, raw], "faults.toml")
    assert caught.value.message.startswith("faults.toml, rule 2")
    assert problem in caught.value.message
    assert allowed in caught.value.advice


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ({"seed": 1}, "'rules' is missing"),
        ({"rules": {}}, "'rules' can't be {}"),
        ({"rules": [], "seed": -1}, "'seed' can't be -1"),
        ({"rules": [], "sead": 1}, "there is no 'sead'"),
        ("rules", "it can't be 'rules'"),
        ({"rules": [{"throttle": True, "name": "x"}] * 2}, "2 rules have the name 'x'"),
        ([{"throttle": True}] * 1001, "1001 rules are too many"),
    ],
)
def test_a_file_that_cannot_be_is_explained(raw, problem):
    with pytest.raises(RuleError) as caught:
        read_plan(raw)
    assert problem in caught.value.message


def test_the_name_of_a_rule_is_in_its_error():
    with pytest.raises(RuleError, match=r"rule 1 \(mine\): 'share'"):
        read_plan([{"name": "mine", "leave": 3}])


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("f.toml", b"rules = [", "is no TOML"),
        ("f.json", b"{,}", "is no JSON"),
        ("f.json", b"", "is no JSON"),
        ("f.toml", b"\xff", "no text in UTF-8"),
        ("f.json", b'"' + b"x" * 1024 * 1024 + b'"', "too large"),
    ],
)
def test_a_file_that_cannot_be_read_is_explained(tmp_path: Path, name: str, content: bytes, says):
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(UserError, match=says) as caught:
        read_file(file)
    assert name in str(caught.value)


def test_a_file_that_is_not_there_is_explained(tmp_path: Path):
    with pytest.raises(UserError, match="can't be read"):
        read_file(tmp_path / "none.toml")
    with pytest.raises(UserError, match="can't be read"):
        read_file(tmp_path)


def test_one_text_is_as_good_as_a_list():
    """A bare string must not be taken apart into letters."""
    rule = Rule(effect=Leave(), operations="BatchWriteItem", tables="shop")  # type: ignore[arg-type]
    assert rule.operations == ("BatchWriteItem",)
    assert rule.tables == ("shop",)


@pytest.mark.parametrize(
    ("pattern", "value", "fits"),
    [
        ("USER#*", {"S": "USER#1"}, True),
        ("USER#*", {"S": "xUSER#1"}, False),
        ("user#*", {"S": "USER#1"}, False),
        ("a?", {"S": "ab"}, True),
        ({"equals": "a*"}, {"S": "a*"}, True),
        ({"equals": "a*"}, {"S": "ab"}, False),
        ({"prefix": "a*"}, {"S": "a*b"}, True),
        ({"regex": "a|b"}, {"S": "b"}, True),
        ({"regex": "a|b"}, {"S": "bc"}, False),
        (5, {"N": "5.0"}, True),
        (5, {"N": "50"}, False),
        ({"equals": 0.5}, {"N": "5e-1"}, True),
        (5, {"S": "5.0"}, False),
        ("*", {"B": "AAA="}, True),
        ("*", {"BOOL": True}, False),
        ("*", {"S": 5}, False),
        ("*", {}, False),
        ("*", "text", False),
        ("*", None, False),
    ],
)
def test_patterns_of_values(pattern, value, fits):
    (found,) = read_rule({"throttle": True, "key": {"PK": pattern}}).key
    assert found.matches({"PK": value}) is fits
    assert not found.matches({})
