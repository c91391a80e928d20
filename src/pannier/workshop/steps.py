"""The steps of the exercises, by what each is known to be done, and what to do for it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from pannier.errors import UserError
from pannier.workshop.chapter import HEADSET, KEYBOARD, LAPTOP, LARGE, MOUSE, PRODUCTS, RESTOCK
from pannier.workshop.evidence import Evidence, listed
from pannier.workshop.finding import Finding, State, done, not_yet, unseen, wrong

FULL: Final = "full.json"
PROJECTED: Final = "projected.json"
METRICS: Final = "metrics.json"
_WRITE: Final = "BatchWriteItem"
_READ: Final = "BatchGetItem"


@dataclass(frozen=True, slots=True)
class Step:
    """A step of an exercise.

    Attributes:
        number: of the exercise and of the step, as in `3.2`.
        title: what is done.
        check: how far it is.
        todo: what to type, if it is not done.
    """

    number: str
    title: str
    check: Callable[[Evidence], Finding]
    todo: str


def _sent(evidence: Evidence) -> Finding:
    called = evidence.called(_WRITE)
    if called.state is State.NOT_YET and not evidence.missing([LAPTOP, KEYBOARD]):
        return done("the products are in the table, though CloudWatch has counted no call")
    return called


def _products(evidence: Evidence) -> Finding:
    told = evidence.other(PRODUCTS)
    missing = evidence.missing(PRODUCTS)
    if told is not None:
        return wrong(told)
    if missing == [MOUSE] and evidence.item(HEADSET) is not None:
        return done("all three were there; step 3.1 has deleted the mouse since")
    if len(missing) == len(PRODUCTS):
        return not_yet("none of the three products is there")
    if missing:
        return wrong(f"not there: {listed(missing)}")
    return done(f"there, with the right values: {listed(PRODUCTS)}")


def _mixed(evidence: Evidence) -> Finding:
    told = evidence.other([HEADSET])
    has_headset = evidence.item(HEADSET) is not None
    has_mouse = evidence.item(MOUSE) is not None
    if told is not None:
        return wrong(told)
    if has_headset and has_mouse:
        return wrong("the headset is there, but the mouse has not gone, or is back")
    if has_headset:
        return done("the headset is there and the mouse has gone")
    if not has_mouse and not evidence.missing([LAPTOP, KEYBOARD]):
        return wrong("the mouse has gone, but there is no headset")
    return not_yet("there is no headset")


def _refused(evidence: Evidence) -> Finding:
    count = evidence.counts.refused()
    if count is None:
        return unseen("what was refused is seen in CloudWatch, which is not here")
    if not count:
        return evidence.uncounted("UserErrors")
    return done(f"CloudWatch counts {count:,} UserErrors")


def _large(evidence: Evidence) -> Finding:
    missing = evidence.missing(LARGE)
    if len(missing) == len(LARGE):
        return not_yet("none of the thirty test products is there")
    told = evidence.other(LARGE)
    if told is not None:
        return wrong(told)
    if missing:
        return wrong(f"{len(LARGE) - len(missing)} of 30 are there; not {listed(missing)}")
    return done("all thirty test products are there")


def _projection(evidence: Evidence) -> Finding:
    full, projected = (_read(evidence.answer(name)) for name in (FULL, PROJECTED))
    if full is None or projected is None:
        which = FULL if full is None else PROJECTED
        return not_yet(f"no answer of a batch read, with its capacity, in {which}")
    (full_names, full_units), (names, units) = full, projected
    if len(names) >= len(full_names):
        return wrong(f"{PROJECTED} has as many attributes as {FULL}")
    sizes = [(evidence.folder / name).stat().st_size for name in (FULL, PROJECTED)]
    return done(
        f"{sizes[1]:,} bytes instead of {sizes[0]:,}; {units:g} read units instead of "
        f"{full_units:g}"
    )


def _read(answer: Any) -> tuple[set[str], float] | None:
    """The attributes in an answer of BatchGetItem, and its units; None if it is no such answer."""
    try:
        items = [item for each in answer["Responses"].values() for item in each]
        units = sum(each["CapacityUnits"] for each in answer["ConsumedCapacity"])
        return ({name for item in items for name in item}, units) if items else None
    except (TypeError, KeyError, AttributeError):
        return None


def _throttled(evidence: Evidence) -> Finding:
    count = evidence.counts.throttled_writes()
    if count is None:
        return unseen("what was throttled is seen in CloudWatch, which is not here")
    if not count:
        return evidence.uncounted("WriteThrottleEvents")
    return done(f"CloudWatch counts {count:,} WriteThrottleEvents, one for an item each time")


def _nothing_lost(evidence: Evidence) -> Finding:
    missing = evidence.missing(RESTOCK)
    if len(missing) == len(RESTOCK):
        return not_yet("none of the twenty-five delivered parts is there")
    told = evidence.other(RESTOCK)
    if told is not None:
        return wrong(told)
    if missing:
        there = len(RESTOCK) - len(missing)
        return not_yet(f"{there} of 25 delivered parts are there; forgotten: {listed(missing)}")
    return done("all twenty-five delivered parts are there")


def _metrics(evidence: Evidence) -> Finding:
    answer = evidence.answer(METRICS)
    if not isinstance(answer, list):
        return not_yet(f"no answer of CloudWatch in {METRICS}")
    try:
        totals = {each["metric"]: float(each["total"]) for each in answer}
    except (TypeError, KeyError, ValueError):
        return wrong(f"{METRICS} is something else than the totals of step 4.3")
    if not any(totals.values()):
        return wrong(f"all that {METRICS} counts is 0: are --start-time and --end-time right?")
    shown = ", ".join(f"{name} {total:,.10g}" for name, total in totals.items())
    return done(f"{METRICS} says: {shown}")


_AWS: Final = "aws dynamodb batch-write-item --request-items file://"
STEPS: Final = (
    Step(
        "1.1",
        "write the request for three products into a file",
        lambda evidence: evidence.file("batch-products.json"),
        "type batch-products.json, or: pannier workshop files batch-products.json",
    ),
    Step(
        "1.2",
        "send it in one call",
        _sent,
        f"{_AWS}batch-products.json",
    ),
    Step(
        "1.3",
        "find the three products in the table",
        _products,
        f"pannier write batch-products.json, or: {_AWS}batch-products.json",
    ),
    Step(
        "2.1",
        "write their keys into a file",
        lambda evidence: evidence.file("batch-get.json"),
        "type batch-get.json, or: pannier workshop files batch-get.json",
    ),
    Step(
        "2.2",
        "read them in one call",
        lambda evidence: evidence.called(_READ),
        "aws dynamodb batch-get-item --request-items file://batch-get.json",
    ),
    Step(
        "2.3",
        "read one of them by itself, to compare",
        lambda evidence: evidence.called("GetItem"),
        "aws dynamodb get-item (step 2.3 of the page has the whole line)",
    ),
    Step(
        "3.1",
        "put the headset and delete the mouse in one call",
        _mixed,
        f"{_AWS}mixed-batch.json",
    ),
    Step(
        "3.2",
        "see thirty items in one call refused",
        _refused,
        f"{_AWS}large-batch.json",
    ),
    Step("3.3", "have them split", _large, "pannier write large-batch.json"),
    Step(
        "3.4",
        "read with a projection, and compare bytes and units",
        _projection,
        f"read into {FULL} and {PROJECTED}, as step 3.4 of the page does",
    ),
    Step(
        "4.1",
        "have a batch throttled, and see a short retry loop forget what is left",
        _throttled,
        "pannier throttle on --burst 0, then: python retry_loop.py restock.json",
    ),
    Step(
        "4.2",
        "write the same batch so that nothing is lost",
        _nothing_lost,
        "python batch_processor.py restock.json, or: pannier write restock.json",
    ),
    Step(
        "4.3",
        "see all this in CloudWatch",
        _metrics,
        f"ask CloudWatch into {METRICS}, as step 4.3 of the page does",
    ),
)


def steps(wanted: str | None) -> Iterator[Step]:
    """The step of a number, those of an exercise, or all.

    Raises:
        UserError: there is no such step.
    """
    found = [
        step
        for step in STEPS
        if wanted is None or wanted in (step.number, step.number.split(".")[0])
    ]
    if not found:
        there_are = ", ".join(step.number for step in STEPS)
        raise UserError(
            f"there is no step {wanted}", f"There are {there_are}; 3 means all steps of exercise 3."
        )
    yield from found
