"""What a user is told of what a worker raised, out of the much that Spark says around it."""

import argparse
from typing import Any

import pytest

from pannier.cli.spark_job import Division, words_of
from pannier.errors import UserError

_FRAME = (
    "Job aborted due to stage failure: Task 0 in stage 1.0 failed 4 times, most recent failure: "
    "Lost task 0.3 in stage 1.0 (TID 4): org.apache.spark.api.python.PythonException: {}\n"
    "\tat org.apache.spark.api.python.BasePythonRunner.run(PythonRunner.scala:500)\n"
)


def namespace(**more: Any) -> argparse.Namespace:
    return argparse.Namespace(parallel=32, give_up_after=300.0, **more)


def test_an_error_of_our_own_is_its_message_and_its_advice() -> None:
    text = _FRAME.format("pannier.errors.UserError: the disk is full\nMake room.\n\n")
    assert words_of(RuntimeError(text)) == ("the disk is full", "Make room.")


def test_an_answer_of_the_service_is_its_words() -> None:
    text = _FRAME.format("pannier.batch.calls.CallError: AccessDeniedException: not you\n")
    assert words_of(RuntimeError(text)) == ("AccessDeniedException: not you", "")


def test_an_error_of_others_is_its_last_line() -> None:
    text = _FRAME.format(
        'Traceback (most recent call last):\n  File "code.py", line 1, in same\n'
        "ModuleNotFoundError: No module named 'mine'\n"
    )
    assert words_of(RuntimeError(text)) == ("ModuleNotFoundError: No module named 'mine'", "")


def test_what_has_no_error_in_it_is_its_first_line() -> None:
    assert words_of(RuntimeError("[PATH_ALREADY_EXISTS] there it is\nand more"))[0] == (
        "[PATH_ALREADY_EXISTS] there it is"
    )


def test_a_budget_is_divided_among_the_tasks_that_run_at_a_time() -> None:
    options = Division(8, 3).options(namespace(write_units="300", read_units=None))
    assert options.write_allowance is not None
    assert options.write_allowance.units_per_s == 100
    assert options.read_units is None
    assert (options.parallel, options.give_up_after_s) == (32, 300.0)


def test_a_budget_among_nobody_knows_how_many_is_refused_with_what_to_say() -> None:
    division = Division(None, 3)
    assert division.options(namespace()).write_units is None
    with pytest.raises(UserError) as caught:
        division.options(namespace(write_units="300"))
    assert "spark.dynamicAllocation.maxExecutors" in caught.value.advice
