"""A budget over all tasks of a job: what each of them may spend.

A task spends a part of the budget: one of as many as there are tasks at the same time. That number
is the promise's whole ground, so it is taken where it is largest: from the slots that the session
can have, not from those that are busy. Retries and speculative copies of a task run in slots like
others, and so stay within the budget too.

Tasks may be short, and Spark starts one after another in the same slot; so those of an executor
spend what they have together (see `batch.pace.ledger` and `turns`).

Where fewer tasks run than there are slots, less than the budget is spent: say so by
`concurrentTasks`.
"""

import re
from collections.abc import Callable
from typing import Final

from pannier.batch.pace.budget import Allowance
from pannier.errors import UserError

_LOCAL: Final = re.compile(r"local(?:\[(\d+)(?:,\s*\d+)?\])?")
_LOCAL_CLUSTER: Final = re.compile(r"local-cluster\[\s*(\d+)\s*,\s*(\d+)\s*,")


def slots(conf: Callable[[str], str | None], parallelism: int | None) -> int | None:
    """How many tasks a session can run at the same time, at most.

    Args:
        conf: the value of a setting of Spark, or None.
        parallelism: `defaultParallelism`: the cores that were there when it was asked, unless the
            user set it to something else; the answer where nothing says more. None if unknown.

    Returns:
        None if it can't be known: executors come and go, and nothing bounds how many.
    """
    master = conf("spark.master") or ""
    cores_per_task = float(conf("spark.task.cpus") or 1)
    if master.startswith("local-cluster"):
        found = _LOCAL_CLUSTER.match(master)
        return int(int(found[1]) * int(found[2]) / cores_per_task) if found else parallelism
    if master.startswith("local"):
        found = _LOCAL.fullmatch(master)
        cores = int(found[1] or 1) if found else parallelism
        return None if cores is None else max(1, int(cores / cores_per_task))
    is_dynamic = conf("spark.dynamicAllocation.enabled") == "true"
    bound = "spark.dynamicAllocation.maxExecutors" if is_dynamic else "spark.executor.instances"
    executors, cores_each = _whole(conf(bound)), _whole(conf("spark.executor.cores"))
    if executors is not None and cores_each is not None:
        return max(1, executors * int(cores_each / cores_per_task))
    return None if is_dynamic else parallelism


def of_each_task(
    units: float | str, concurrent_tasks: int | None, slots: int | None, option: str
) -> Allowance:
    """The part of a budget that each task may spend.

    Args:
        units: the budget over all tasks: units a second, or a share such as `50%`.
        concurrent_tasks: how many tasks run at the same time, if the user said so.
        slots: how many can, as far as the session knew.
        option: the budget's name, for messages.

    Raises:
        UserError: nobody knows how many tasks run at the same time.
    """
    count = concurrent_tasks or slots
    if count is None:
        raise UserError(
            f"{option} is a budget over all tasks, and it is not known how many run at a time",
            'Give the most there can be: .option("concurrentTasks", "64"), executors times cores.',
        )
    return Allowance.of(units).divided(count, keeps=slots is None or count >= slots)


def _whole(text: str | None) -> int | None:
    try:
        number = int(text or "")
    except ValueError:  # `infinity`, say
        return None
    return number if 0 < number < 2**31 - 1 else None
