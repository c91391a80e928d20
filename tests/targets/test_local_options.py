"""Options in a target's name: what they switch on, how it is shown, and what can't be."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import pannier
from pannier.engine.throttle import OFF, ON, Throttling
from pannier.errors import UserError
from pannier.targets.in_process import InProcessTarget
from pannier.targets.resolve import resolve


@pytest.fixture(autouse=True)
def _in_an_empty_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


@contextmanager
def resolved(name: str) -> Iterator[InProcessTarget]:
    target = resolve(name)
    assert isinstance(target, InProcessTarget)
    try:
        yield target
    finally:
        asyncio.run(target.close())


@pytest.mark.parametrize(
    ("name", "settings", "shown"),
    [
        ("memory", OFF, "memory (gone when this process ends)"),
        ("memory?throttle=on", ON, "memory (gone when this process ends, throttling on)"),
        ("local?throttle=off", OFF, "local (.pannier)"),
        (
            "local:a/b?throttle=tables&burst=0",
            Throttling(tables=True, burst_s=0),
            "local (a/b, throttling of tables on with 0 s of burst)",
        ),
    ],
)
def test_throttling(name: str, settings: Throttling, shown: str) -> None:
    with resolved(name) as target:
        assert target.database.throttling == settings
        assert target.name == shown


def test_faults_and_their_seed(tmp_path: Path) -> None:
    (tmp_path / "my faults.toml").write_text('seed = 3\n[[rules]]\nname = "x"\nleave = 0.5\n')
    with resolved("memory?faults=my%20faults.toml") as target:
        assert list(target.database.faults.rules) == ["x"]
        assert target.database.faults.seed == 3
        assert "1 fault rule)" in target.name
    with resolved("memory?seed=5&faults=my%20faults.toml") as target:
        assert target.database.faults.seed == 5


def test_a_library_connection_takes_them_from_the_name(tmp_path: Path) -> None:
    """A program under test changes one string, or none: the environment names the target too."""
    (tmp_path / "f.json").write_text('{"rules": [{"operations": "BatchWriteItem", "leave": 0.5}]}')
    create = {
        "TableName": "shop",
        "KeySchema": [{"AttributeName": "PK", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "PK", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    with pannier.connect("memory?faults=f.json&seed=2") as connection:
        connection.call("CreateTable", create)
        report = connection.write(({"PK": str(n)} for n in range(200)), "shop")
    assert report.written == 200
    assert report.calls > 8, "half of each batch came back"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("memory?", "an option ''"),
        ("memory?throttle", "an option 'throttle'"),
        ("memory?speed=9", "an option 'speed=9'"),
        ("local:x?throttle=on&throttle=off", "names throttle twice"),
        ("local:x?throttle=maybe", "there is no throttling 'maybe'"),
        ("local:x?burst=long", "burst can't be 'long'"),
        ("local:x?burst=nan", "a burst of nan s"),
        ("local:x?burst=500", "a burst of 500 s"),
        ("local:x?seed=-5", "seed can't be '-5'"),
        ("local:x?faults=nowhere.toml", "nowhere.toml can't be read"),
        ("aws?throttle=on", "there is no target 'aws?throttle=on'"),
    ],
)
def test_options_that_cannot_be_are_explained_and_leave_nothing(
    name: str, says: str, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=re.escape(says)) as caught:
        resolve(name)
    assert caught.value.advice
    assert list(tmp_path.iterdir()) == []


def test_a_file_with_a_wrong_rule_says_which(tmp_path: Path) -> None:
    (tmp_path / "f.toml").write_text("[[rules]]\nleave = 0.5\n[[rules]]\nleave = 5\n")
    with pytest.raises(UserError, match=r"f\.toml, rule 2: 'share' can't be 5"):
        resolve("local:x?faults=f.toml")
    assert not (tmp_path / "x").exists()
