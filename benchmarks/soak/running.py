"""One run: the server, all that is done to it, samples, and what must be true at the end."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.soak import visitors
from benchmarks.soak.calling import Caller, Json, Tally
from benchmarks.soak.clients import OwningClient
from benchmarks.soak.comparing import compare
from benchmarks.soak.judging import Finding, Sample, judge_growth
from benchmarks.soak.owned_items import INDEX, TABLE, OwnedItems
from benchmarks.soak.serving import Served

_SAMPLES: Final = "samples.jsonl"
_LOG: Final = "server.log"
_QUARTERS: Final = 4
_END_S_MAX: Final = 120.0


@dataclass(frozen=True)
class Plan:
    """How a run is made. Times in seconds.

    Attributes:
        seconds: of the load, warming up included.
        warm_up_s: of it, at the beginning.
        rate: calls a second of all clients that own their keys.
        clients: how many of them.
        keys: that each owns.
        sample_s: between two samples.
        options: of `pannier serve`.
    """

    seconds: float
    warm_up_s: float
    rate: float
    clients: int
    keys: int
    sample_s: float
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What came of a run; `latencies` has warming up first, then the quarters."""

    findings: list[Finding]
    latencies: list[dict[str, dict[str, float]]]
    calls: dict[str, int]
    refused: dict[str, int]
    wrong: dict[str, int]
    examples: list[str]
    server_cpu: float

    @property
    def passed(self) -> bool:
        """Whether nothing failed."""
        return all(each.passed is not False for each in self.findings)


def run(plan: Plan, folder: Path) -> Outcome:
    """Make a run.

    Args:
        plan: how.
        folder: gets the database, the samples and the server's words.
    """
    database = folder / "database"
    served = Served(database, folder / _LOG, plan.options)
    try:
        soak = _Soak(plan, folder, served)
        soak.make_tables()
        soak.load()
        findings = judge_growth(soak.samples)
        findings.append(soak.compared("items", served))
        findings.append(_stopped("stopping", served))
        again = Served(database, folder / _LOG, plan.options)
        try:
            findings.append(soak.compared("items after a restart", again))
            findings.append(_stopped("stopping again", again))
        finally:
            again.stop()
        return soak.outcome(findings)
    finally:
        served.stop()


class _Soak:
    def __init__(self, plan: Plan, folder: Path, served: Served) -> None:
        self._plan = plan
        self._folder = folder
        self._served = served
        self._tally = Tally()
        self._ending = threading.Event()
        self._warm = threading.Event()
        self._owners = [OwnedItems(number, plan.keys) for number in range(plan.clients)]
        self._latencies: list[dict[str, dict[str, float]]] = []
        self.samples: list[Sample] = []

    def make_tables(self) -> None:
        caller = Caller(self._served.port, self._tally)
        for definition in _TABLES:
            caller.call("create", "CreateTable", definition)
        specification = {"Enabled": True, "AttributeName": "expires"}
        caller.call(
            "create",
            "UpdateTimeToLive",
            {"TableName": visitors.BRIEF, "TimeToLiveSpecification": specification},
        )
        caller.close()

    def load(self) -> None:
        """All of the load, while samples are taken."""
        plan, began_s = self._plan, time.monotonic()
        threads = [threading.Thread(target=each, daemon=True) for each in self._works()]
        for thread in threads:
            thread.start()
        steady_s = plan.seconds - plan.warm_up_s
        marks = [plan.warm_up_s + steady_s * n / _QUARTERS for n in range(_QUARTERS + 1)]
        with (self._folder / _SAMPLES).open("a", encoding="utf-8") as lines:
            due_s = 0.0
            while marks:
                due_s = min(due_s + plan.sample_s, marks[0])
                time.sleep(max(0.0, began_s + due_s - time.monotonic()))
                if not self._served.is_running():
                    self._tally.failed("server", "it ended")
                    break
                self._sample(lines.write, due_s - plan.warm_up_s)
                lines.flush()
                if due_s >= marks[0]:
                    marks.pop(0)
                    self._warm.set()
                    self._latencies.append(self._tally.take_quarter())
        self._warm.set()
        self._ending.set()
        until_s = time.monotonic() + _END_S_MAX
        for thread in threads:
            thread.join(max(0.0, until_s - time.monotonic()))
            if thread.is_alive():
                self._tally.failed("clients", "a call that is not answered")

    def compared(self, what: str, served: Served) -> Finding:
        before = sum(self._tally.wrong.values())
        items = compare(served.port, self._tally, self._owners, self._expiring)
        wrong = sum(self._tally.wrong.values()) - before
        return Finding(what, f"{items:,} compared, {wrong:,} wrong", wrong == 0)

    def outcome(self, findings: list[Finding]) -> Outcome:
        tally = self._tally
        wrong = sum(tally.wrong.values())
        findings.append(Finding("errors that nothing explains", f"{wrong:,}", wrong == 0))
        first, last = self.samples[0], self.samples[-1]
        used_s = last.state.cpu_s - first.state.cpu_s
        return Outcome(
            findings=findings,
            latencies=self._latencies,
            calls=dict(tally.calls),
            refused=dict(tally.refused),
            wrong=dict(tally.wrong),
            examples=tally.examples,
            server_cpu=used_s / max(1e-9, last.at_s - first.at_s),
        )

    def _works(self) -> list[Callable[[], None]]:
        plan, tally, port = self._plan, self._tally, self._served.port
        each = plan.rate / plan.clients
        clients = [OwningClient(port, tally, own, each, self._ending) for own in self._owners]
        self._expiring = visitors.Expiring(port, tally, 2, self._ending)
        return [
            *(client.run for client in clients),
            self._expiring.run,
            visitors.Streaming(port, tally, 3, self._ending).run,
            visitors.Tables(port, tally, 1 / 20, self._ending).run,
            visitors.Indexes(port, tally, 1 / 60, self._ending).run,
            visitors.Scans(port, tally, 1, self._ending).run,
            visitors.Scans(port, tally, 10, self._warm).run,
            visitors.Watching(port, tally, 1 / 5, self._ending).run,
            visitors.Passing(port, tally, 1, self._ending).run,
        ]

    def _sample(self, write: Callable[[str], Any], at_s: float) -> None:
        sample = Sample(at_s, self._served.state())
        self.samples.append(sample)
        line = {
            "at_s": round(at_s, 1),
            **asdict(sample.state),
            "items": self._counts(),
            "wrong": sum(self._tally.wrong.values()),
            "latencies": self._tally.take_interval(),
        }
        write(json.dumps(line) + "\n")
        state = sample.state
        calls = sum(self._tally.calls.values())
        print(
            f"{at_s:+7.0f} s: {state.resident / 1e6:,.0f} MB, {state.open_files} files, "
            f"{state.threads} threads, folder {state.folder / 1e6:,.0f} MB, {calls:,} calls, "
            f"{line['wrong']} wrong",
            file=sys.stderr,
            flush=True,
        )

    def _counts(self) -> dict[str, int]:
        caller = Caller(self._served.port, self._tally)
        counts = {}
        for name in (TABLE, visitors.BRIEF, visitors.STREAMED):
            described = caller.call("describe", "DescribeTable", {"TableName": name})
            if described is not None:
                counts[name] = int(described["Table"]["ItemCount"])
        caller.close()
        return counts


def _stopped(what: str, served: Served) -> Finding:
    seconds, status = served.stop()
    return Finding(what, f"{seconds:.1f} s, exit status {status}", status == 0)


def _table(name: str, keys: Sequence[str], others: Sequence[str] = (), **more: Any) -> Json:
    return {
        "TableName": name,
        "AttributeDefinitions": [
            {"AttributeName": each, "AttributeType": "S"} for each in (*keys, *others)
        ],
        "KeySchema": [
            {"AttributeName": each, "KeyType": kind}
            for each, kind in zip(keys, ("HASH", "RANGE"), strict=False)
        ],
        "BillingMode": "PAY_PER_REQUEST",
        **more,
    }


_TABLES: Final = (
    _table(
        TABLE,
        ("p", "s"),
        ("color",),
        GlobalSecondaryIndexes=[
            {
                "IndexName": INDEX,
                "KeySchema": [{"AttributeName": "color", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
    ),
    _table(visitors.BRIEF, ("p",)),
    _table(visitors.INDEXED, ("p",)),
    _table(
        visitors.STREAMED,
        ("p",),
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    ),
)
