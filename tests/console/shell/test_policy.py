import sys

import pytest

from pannier.console.pages.shell.policy import Policy
from pannier.errors import UserError

URL = "http://127.0.0.1:8000"
LOCAL = Policy(URL, read_only=False)
READS = Policy(URL, read_only=True)
AWS = Policy("aws", read_only=False)


def test_pannier_is_started_without_a_shell_and_without_the_folders_modules() -> None:
    found = LOCAL.arguments(["pannier", "write", "a b.json"])
    assert found == [sys.executable, "-P", "-m", "pannier", "write", "a b.json"]


def test_aws_is_the_one_beside_the_interpreter() -> None:
    program, *rest = LOCAL.arguments(["aws", "dynamodb", "list-tables"])
    assert program.endswith("/aws")
    assert rest == ["dynamodb", "list-tables"]


@pytest.mark.parametrize(
    "words",
    [
        ["pannier", "serve"],
        ["pannier", "serve", "--", "--help"],
        ["pannier", "console"],
        ["pannier", "monitor"],
        ["pannier", "workshop", "start"],
        ["bash"],
        ["python", "-c", "1"],
        ["./pannier"],
        ["/usr/bin/aws", "dynamodb"],
        ["aws", "s3", "ls"],
        ["aws", "--debug", "s3", "ls"],
        ["aws", "--query", "dynamodb", "s3", "ls"],
        ["aws", "--q", "dynamodb", "s3", "ls"],
        ["aws", "--unknown", "dynamodb", "s3"],
        ["aws", "configure"],
        ["aws"],
    ],
)
def test_everything_else_is_refused_with_advice(words: list[str]) -> None:
    with pytest.raises(UserError) as refused:
        LOCAL.arguments(words)
    assert refused.value.advice


@pytest.mark.parametrize(
    "words",
    [
        ["aws", "dynamodb", "list-tables", "--endpoint-url", "http://example.com"],
        ["aws", "dynamodb", "list-tables", "--endpoint-url=http://example.com"],
        ["aws", "--endpoint-url", "http://example.com", "dynamodb", "list-tables"],
        ["aws", "dynamodb", "list-tables", "--endpoint", "http://example.com"],
        ["aws", "dynamodb", "list-tables", "--profile", "production"],
        ["aws", "dynamodb", "list-tables", "--prof=production"],
        ["pannier", "tables", "--target", "aws"],
        ["pannier", "tables", "--targ=aws"],
        ["pannier", "tables", "--target"],
        ["pannier", "copy", "a", "b", "--to-target", "aws"],
        ["pannier", "copy", "a", "b", "--to", "aws"],
    ],
)
def test_options_that_lead_elsewhere_are_refused(words: list[str]) -> None:
    with pytest.raises(UserError, match="pointed at"):
        LOCAL.arguments(words)


@pytest.mark.parametrize(
    "words",
    [
        ["pannier", "tables", "--target", URL],
        ["pannier", "tables", f"--target={URL}/"],
        ["pannier", "write", "x", "--table", "aws"],
        ["pannier", "serve", "--help"],
        ["pannier", "monitor", "--once"],
        ["pannier", "--version"],
        ["pannier"],
        ["aws", "--version"],
        ["aws", "--output", "text", "dynamodb", "list-tables"],
        ["aws", "--output=text", "--no-paginate", "cloudwatch", "list-metrics"],
        ["aws", "dynamodb", "get-item", "--projection-expression", "PK"],
        ["aws", "dynamodb", "get-item", "--endpoint-url", URL],
        ["aws", "dynamodb", "list-tables", "--region", "eu-west-1"],
        ["aws", "dynamodb", "help"],
    ],
)
def test_what_stays_at_the_target_is_run(words: list[str]) -> None:
    assert LOCAL.arguments(words)


def test_at_aws_the_region_is_the_consoles() -> None:
    with pytest.raises(UserError, match="pointed at aws"):
        AWS.arguments(["aws", "dynamodb", "list-tables", "--region", "eu-west-1"])
    assert AWS.arguments(["aws", "dynamodb", "query", "--return-consumed-capacity", "TOTAL"])


@pytest.mark.parametrize(
    "line",
    [
        "pannier write x --table t",
        "pannier write -- --help",
        "pannier delete t --all",
        "pannier throttle on",
        "pannier get x --publish cloudwatch",
        "pannier get x --pub=cloudwatch",
        "aws dynamodb put-item",
        "aws dynamodb execute-statement",
        "aws dynamodb batch-write-item",
        "aws dynamodb",
        "aws cloudwatch put-metric-data",
    ],
)
def test_a_console_that_only_reads_refuses_changes(line: str) -> None:
    with pytest.raises(UserError, match="this console only reads"):
        READS.arguments(line.split(" "))


@pytest.mark.parametrize(
    "line",
    [
        "pannier scan t",
        "pannier write --help",
        "pannier monitor --once",
        "aws dynamodb batch-get-item",
        "aws dynamodb describe-table",
        "aws dynamodb query",
        "aws cloudwatch get-metric-data",
        "aws cloudwatch list-metrics",
    ],
)
def test_and_runs_what_reads(line: str) -> None:
    assert READS.arguments(line.split(" "))


def test_a_missing_aws_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(UserError, match="not installed") as refused:
        LOCAL.arguments(["aws", "dynamodb", "list-tables"])
    assert "pip install awscli" in refused.value.advice
