"""How a budget is divided over the tasks that run at the same time."""

import pytest

from pannier.batch.pace.budget import Allowance, Turn
from pannier.errors import UserError
from pannier.spark.budgets import of_each_task, slots


@pytest.mark.parametrize(
    ("conf", "parallelism", "expected"),
    [
        ({"spark.master": "local"}, 8, 1),
        ({"spark.master": "local[3]"}, 8, 3),
        ({"spark.master": "local[3,4]"}, 8, 3),
        ({"spark.master": "local[*]"}, 8, 8),
        ({"spark.master": "local[8]", "spark.task.cpus": "2"}, 1, 4),
        ({"spark.master": "local-cluster[3,2,1024]"}, 99, 6),
        ({"spark.master": "yarn"}, 12, 12),
        ({"spark.master": "yarn", "spark.executor.instances": "5"}, 12, 12),
        (
            {
                "spark.master": "yarn",
                "spark.executor.instances": "5",
                "spark.executor.cores": "4",
            },
            2,
            20,
        ),
    ],
)
def test_slots_are_those_that_the_session_can_have(
    conf: dict[str, str], parallelism: int, expected: int
) -> None:
    assert slots(conf.get, parallelism) == expected


def test_executors_that_come_and_go_count_as_many_as_there_may_be() -> None:
    """Those that are there when the session registers may be two, and fifty a minute later."""
    conf = {
        "spark.master": "k8s://there",
        "spark.dynamicAllocation.enabled": "true",
        "spark.executor.cores": "4",
        "spark.executor.instances": "2",
        "spark.dynamicAllocation.maxExecutors": "50",
    }
    assert slots(conf.get, 8) == 200
    del conf["spark.dynamicAllocation.maxExecutors"]
    assert slots(conf.get, 8) is None


def test_a_setting_of_parallelism_does_not_raise_or_lower_what_a_local_session_can_run() -> None:
    conf = {"spark.master": "local[2]", "spark.default.parallelism": "200"}
    assert slots(conf.get, 200) == 2


def test_each_task_has_its_part_and_takes_its_turn() -> None:
    turn = Turn(4, keeps=True)
    assert of_each_task("500", None, 4, "writeUnits") == Allowance(125.0, None, turn)
    assert of_each_task("50%", None, 4, "writeUnits") == Allowance(None, 0.125, turn)


def test_what_the_user_says_of_tasks_counts_more_than_what_the_session_knew() -> None:
    assert of_each_task(100, 10, 4, "writeUnits").units_per_s == 10.0


@pytest.mark.parametrize(
    ("told", "slots", "keeps"),
    [(None, 4, True), (4, 4, True), (8, 4, True), (2, 4, False), (4, None, True)],
)
def test_a_turn_gathers_for_others_if_there_are_no_more_slots_than_turns(
    told: int | None, slots: int | None, keeps: bool
) -> None:
    """Else it may be had on another executor meanwhile, and gather twice."""
    turn = of_each_task("500", told, slots, "writeUnits").turn
    assert turn is not None
    assert turn.keeps is keeps


def test_a_budget_over_nobody_knows_how_many_tasks_is_refused() -> None:
    with pytest.raises(UserError, match="writeUnits is a budget over all tasks") as caught:
        of_each_task(100, None, None, "writeUnits")
    assert "concurrentTasks" in caught.value.advice
