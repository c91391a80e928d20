"""Each step: when it is done, when it is not, and when something came out otherwise."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from pannier.errors import UserError
from pannier.workshop.chapter import HEADSET, KEYBOARD, LAPTOP, LARGE, MOUSE, PRODUCTS, RESTOCK
from pannier.workshop.checking import Progress
from pannier.workshop.evidence import Evidence, Nothing
from pannier.workshop.files import text_of
from pannier.workshop.finding import Finding, State
from pannier.workshop.steps import STEPS, steps

DONE, NOT_YET, WRONG, UNSEEN = State.DONE, State.NOT_YET, State.WRONG, State.UNSEEN


@dataclass
class Counted:
    """What CloudWatch would have counted."""

    by_operation: Mapping[str, int] = field(default_factory=dict)
    user_errors: int = 0
    throttles: int = 0

    def requests(self, operation: str) -> int:
        return self.by_operation.get(operation, 0)

    def refused(self) -> int:
        return self.user_errors

    def throttled_writes(self) -> int:
        return self.throttles


def check(number: str, folder: Path, items: Any = (), counts: Any = None) -> Finding:
    by_key = {(item["PK"]["S"], item["SK"]["S"]): item for item in items}
    (step,) = steps(number)
    return step.check(Evidence(folder, by_key, counts or Counted()))


def costlier(item: dict[str, Any]) -> dict[str, Any]:
    return {**item, "price": {"N": "1"}}


@pytest.mark.parametrize(
    ("number", "items", "state", "says"),
    [
        ("1.3", (), NOT_YET, "none"),
        ("1.3", PRODUCTS, DONE, "right values"),
        ("1.3", (LAPTOP, MOUSE), WRONG, "keyboard-003"),
        ("1.3", (costlier(LAPTOP), MOUSE, KEYBOARD), WRONG, "price.N is '1' instead of '1299'"),
        ("1.3", (LAPTOP, KEYBOARD), WRONG, "mouse"),
        ("1.3", (LAPTOP, KEYBOARD, HEADSET), DONE, "3.1 has deleted"),
        ("3.1", (), NOT_YET, "no headset"),
        ("3.1", PRODUCTS, NOT_YET, "no headset"),
        ("3.1", (*PRODUCTS, HEADSET), WRONG, "has not gone"),
        ("3.1", (LAPTOP, KEYBOARD, HEADSET), DONE, "gone"),
        ("3.1", (LAPTOP, KEYBOARD), WRONG, "no headset"),
        ("3.1", (LAPTOP, KEYBOARD, costlier(HEADSET)), WRONG, "199"),
        ("3.3", (), NOT_YET, "none"),
        ("3.3", LARGE[:25], WRONG, "25 of 30 are there; not PRODUCT#batch-test-26"),
        ("3.3", LARGE, DONE, "all thirty"),
        ("3.3", (costlier(LARGE[0]), *LARGE[1:]), WRONG, "batch-test-1"),
        ("4.2", (), NOT_YET, "none"),
        ("4.2", RESTOCK[:8], NOT_YET, "8 of 25"),
        ("4.2", RESTOCK, DONE, "all twenty-five"),
    ],
)
def test_steps_known_by_items(
    number: str, items: Any, state: State, says: str, tmp_path: Path
) -> None:
    found = check(number, tmp_path, items)
    assert found.state is state, found
    assert says in found.evidence


@pytest.mark.parametrize(
    ("number", "counts"),
    [
        ("1.2", Counted({"BatchWriteItem": 2})),
        ("2.2", Counted({"BatchGetItem": 1})),
        ("2.3", Counted({"GetItem": 1})),
        ("3.2", Counted(user_errors=1)),
        ("4.1", Counted(throttles=20)),
    ],
)
def test_steps_known_by_counts(number: str, counts: Counted, tmp_path: Path) -> None:
    assert check(number, tmp_path, counts=counts).state is DONE
    assert check(number, tmp_path, counts=Counted()).state is NOT_YET
    assert check(number, tmp_path, counts=Nothing()).state is UNSEEN


def test_a_call_that_was_counted_by_nobody_is_known_by_its_items(tmp_path: Path) -> None:
    """The last minute's counts are gone when a server is killed; the items are not."""
    found = check("1.2", tmp_path, PRODUCTS)
    assert found.state is DONE
    assert "has counted no call" in found.evidence


def test_counts_that_come_late_are_waited_for(tmp_path: Path) -> None:
    (step,) = steps("3.2")
    found = step.check(Evidence(tmp_path, {}, Counted(), is_late=True))
    assert found.state is NOT_YET
    assert "check again" in found.evidence


@pytest.mark.parametrize(
    ("number", "name"), [("1.1", "batch-products.json"), ("2.1", "batch-get.json")]
)
def test_steps_known_by_files(number: str, name: str, tmp_path: Path) -> None:
    assert check(number, tmp_path).state is NOT_YET
    (tmp_path / name).write_text(text_of(name))
    assert check(number, tmp_path).state is DONE
    (tmp_path / name).write_text(text_of(name).replace("laptop", "desktop"))
    wrong = check(number, tmp_path)
    assert wrong.state is WRONG
    assert "desktop" in wrong.evidence
    (tmp_path / name).write_text("{")
    assert "no JSON" in check(number, tmp_path).evidence


def answer(folder: Path, name: str, *names: str, units: float = 1.5) -> None:
    content = {
        "Responses": {"t": [{each: {"S": "x"} for each in names}]},
        "ConsumedCapacity": [{"TableName": "t", "CapacityUnits": units}],
    }
    (folder / name).write_text(json.dumps(content))


def test_the_projection_is_known_by_two_answers(tmp_path: Path) -> None:
    assert "full.json" in check("3.4", tmp_path).evidence
    answer(tmp_path, "full.json", "PK", "name", "brand")
    assert "projected.json" in check("3.4", tmp_path).evidence
    (tmp_path / "projected.json").write_text("[]")
    assert check("3.4", tmp_path).state is NOT_YET
    answer(tmp_path, "projected.json", "PK", "name")
    found = check("3.4", tmp_path)
    assert found.state is DONE
    assert "1.5 read units instead of 1.5" in found.evidence
    answer(tmp_path, "projected.json", "PK", "name", "brand")
    assert check("3.4", tmp_path).state is WRONG


def test_the_metrics_are_known_by_the_answer(tmp_path: Path) -> None:
    metrics = tmp_path / "metrics.json"
    assert check("4.3", tmp_path).state is NOT_YET
    metrics.write_text('[{"metric": "UserErrors", "total": 1}]')
    assert check("4.3", tmp_path).evidence == "metrics.json says: UserErrors 1"
    metrics.write_text('[{"metric": "UserErrors", "total": 0}]')
    assert check("4.3", tmp_path).state is WRONG
    metrics.write_text('[{"Id": "x"}]')
    assert check("4.3", tmp_path).state is WRONG


def test_steps_are_found_by_number_and_by_exercise() -> None:
    assert [step.number for step in steps("3")] == ["3.1", "3.2", "3.3", "3.4"]
    assert list(steps(None)) == list(STEPS)
    with pytest.raises(UserError, match="no step 5"):
        list(steps("5"))


def test_what_is_next_is_the_first_open_step() -> None:
    found = [Finding(DONE, ""), Finding(UNSEEN, ""), Finding(WRONG, ""), Finding(NOT_YET, "")]
    progress = Progress("here", list(zip(STEPS, found, strict=False)))
    assert progress.next is STEPS[2]
    assert not progress.is_done
    assert Progress("here", list(zip(STEPS, found[:2], strict=False))).is_done
    told = progress.to_json()
    assert (told["done"], told["of"], told["next"]) == (1, 4, STEPS[2].number)
    assert [each["todo"] is None for each in told["steps"]] == [True, True, False, False]
