import pytest

from pannier.console.pages.capacity.rules import Form, bare, command, in_words, read_text, rule_of
from pannier.engine.faults import read_rule
from pannier.engine.faults.reading import show_rule
from pannier.errors import UserError


@pytest.mark.parametrize(
    ("form", "rule"),
    [
        (
            Form("leave", ["BatchWriteItem"], ["orders"]),
            {
                "operations": "BatchWriteItem",
                "tables": "orders",
                "leave": {"share": 0.4, "pass_one": True},
            },
        ),
        (
            Form("leave", pass_one=False),
            {"operations": ["BatchWriteItem", "BatchGetItem"], "leave": 0.4},
        ),
        (
            Form("throttle", ["PutItem"], percent=5),
            {"operations": "PutItem", "probability": 0.05, "throttle": True},
        ),
        (
            Form("error", times=3.0, name=" first "),
            {"name": "first", "times": 3, "error": "InternalServerError"},
        ),
        (Form("slow", delay_ms=250.0), {"slow": {"delay_ms": 250}}),
        (Form("drop", when="before"), {"drop": "before"}),
    ],
)
def test_each_recipe_is_a_rule_that_the_engine_takes(form: Form, rule: dict[str, object]) -> None:
    assert rule_of(form) == rule
    assert in_words(show_rule(read_rule(rule)))


@pytest.mark.parametrize(
    "form", [Form(percent=None), Form(share_percent=None), Form("slow", delay_ms=None)]
)
def test_an_empty_field_is_named(form: Form) -> None:
    with pytest.raises(UserError, match="is empty"):
        rule_of(form)


def test_an_error_needs_a_name() -> None:
    with pytest.raises(UserError, match="the error has no name"):
        rule_of(Form("error", error=" "))


@pytest.mark.parametrize(
    "text",
    [
        '{"operations": "Query", "throttle": true}',
        '[{"operations": "Query", "throttle": true}]',
        '{"rules": [{"operations": "Query", "throttle": true}]}',
        '[[rules]]\noperations = "Query"\nthrottle = true\n',
        'operations = "Query"\nthrottle = true\n',
    ],
)
def test_text_is_json_or_toml_one_rule_or_many(text: str) -> None:
    assert read_text(text) == {"rules": [{"operations": "Query", "throttle": True}]}


def test_a_seed_in_front_of_the_rules_is_kept() -> None:
    assert read_text("seed = 7\nrules = []") == {"seed": 7, "rules": []}


@pytest.mark.parametrize(
    ("text", "problem"), [("", "nothing"), ("{leave", "no JSON"), ("leave: 1", "no TOML")]
)
def test_what_is_neither_is_refused_with_an_example(text: str, problem: str) -> None:
    with pytest.raises(UserError, match=problem) as refused:
        read_text(text)
    assert "leave" in refused.value.advice


def test_rules_in_words() -> None:
    rule = {
        "operations": ["BatchWriteItem"],
        "tables": ["orders"],
        "probability": 0.5,
        "times": 1000,
        "skip": 2,
        "ends_after_s": 90.0,
        "leave": {"share": 0.4, "pass_one": True},
    }
    assert in_words(rule) == (
        "BatchWriteItem of orders: 0.4 of the items are left, one always passes, 0.5 of the time, "
        "after 2, at most 1,000 times, until 90 s after it was put in force"
    )
    assert in_words({"slow": {"distribution": "fixed", "delay_s": 0.2}}) == (
        "all requests: held back for 200 ms"
    )


def test_counts_are_no_part_of_a_rule() -> None:
    assert bare([{"name": "a", "drop": "after", "counts": {"struck": 1}}]) == [
        {"name": "a", "drop": "after"}
    ]


def test_the_command_line_is_quoted() -> None:
    assert command({"name": "it's"}) == """pannier faults add '{"name":"it'\\''s"}'"""
