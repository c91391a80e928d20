"""All alarms: kept in the store, and brought up to date whenever somebody looks, and every minute.

An alarm is evaluated at every full minute (every ten seconds, if its period is shorter), whether
anybody looked then or not: who moves the clock by an hour finds an hour of history. Further back
than three hours nothing is made up for.
"""

import threading
from collections.abc import Callable
from typing import Any, Final

import orjson

from pannier.engine.cloudwatch.alarms.alarm import Alarm, State
from pannier.engine.cloudwatch.alarms.evaluation import evaluate, period_of, stamp
from pannier.engine.cloudwatch.alarms.history import History
from pannier.engine.cloudwatch.periods import MINUTE_S
from pannier.engine.metrics import Metrics
from pannier.engine.metrics.space import ALARM_PREFIX, after

ALARMS_MAX: Final = 5000

_STEP_S: Final = 10  # of alarms with shorter periods than a minute
_BACK_S_MAX: Final = 3 * 3600


class Alarms:
    """All alarms of a database. Safe to share between threads.

    Args:
        metrics: what they watch.
        wake: called when there is an alarm, which somebody has to evaluate every minute.
    """

    def __init__(self, metrics: Metrics, wake: Callable[[], None]) -> None:
        self._metrics = metrics
        self._wake = wake
        self._lock = threading.RLock()
        self._loaded: dict[str, Alarm] | None = None
        self.history = History(metrics.archive)

    @property
    def lock(self) -> threading.RLock:
        """Held while alarms are looked at or changed."""
        return self._lock

    def all(self) -> list[Alarm]:
        """All alarms by name, as they are now. The caller holds the lock."""
        self.evaluate()
        return [alarm for _, alarm in sorted(self._alarms.items())]

    def find(self, name: str) -> Alarm | None:
        """The alarm of a name, or None. The caller holds the lock."""
        return self._alarms.get(name)

    def __len__(self) -> int:
        return len(self._alarms)

    def put(self, configuration: dict[str, Any], tags: dict[str, str]) -> None:
        """Make an alarm, or change the one of that name, whose state and tags stay."""
        now_s = self._metrics.clock()
        name = configuration["AlarmName"]
        with self._lock:
            before = self._alarms.get(name)
            if before is None:
                alarm = Alarm(
                    configuration, now_s, updated_s=now_s, transitioned_s=now_s, tags=tags
                )
                data = {"type": "Create", "createdAlarm": configuration}
                summary = f'Alarm "{name}" created'
            else:
                alarm = before
                data = {"type": "Update", "updatedAlarm": configuration}
                summary = f'Alarm "{name}" updated'
                alarm.configuration, alarm.configured_s = configuration, now_s
            # Evaluated at once, by the periods that are over.
            alarm.evaluated_s = now_s - MINUTE_S
            self._alarms[name] = alarm
            self.save(alarm)
            self._metrics.archive.store.sync()
            self.history.add(
                name, "ConfigurationUpdate", now_s, summary, {"version": "1.0", **data}
            )
        self._wake()

    def delete(self, name: str) -> None:
        """Delete an alarm; its history stays. The caller holds the lock."""
        alarm = self._alarms.pop(name)
        group = self._metrics.archive.store.new_group()
        group.delete(_key(name))
        with self._metrics.archive.lock:
            self._metrics.archive.store.write(group)
            self._metrics.archive.store.sync()
        self.history.add(
            name,
            "ConfigurationUpdate",
            self._metrics.clock(),
            f'Alarm "{name}" deleted',
            {"version": "1.0", "type": "Delete", "deletedAlarm": alarm.configuration},
        )

    def save(self, alarm: Alarm) -> None:
        """Keep an alarm as it is now. The caller holds the lock."""
        group = self._metrics.archive.store.new_group()
        group.put(_key(alarm.name), orjson.dumps(alarm.to_record()))
        with self._metrics.archive.lock:
            self._metrics.archive.store.write(group)

    def set_state(self, alarm: Alarm, state: State, reason: str, reason_data: str | None) -> None:
        """Set an alarm's state, until it is evaluated again. The caller holds the lock."""
        now_s = self._metrics.clock()
        self._change(alarm, state, reason, reason_data, now_s)
        alarm.evaluated_s = max(alarm.evaluated_s, now_s)
        self.save(alarm)

    def evaluate(self) -> None:
        """Bring the states of all alarms up to date."""
        with self._lock:
            if not self._alarms:
                return
            self._metrics.collect()
            now_s = self._metrics.clock()
            for alarm in self._alarms.values():
                if self._catch_up(alarm, now_s):
                    self.save(alarm)

    def _catch_up(self, alarm: Alarm, now_s: float) -> bool:
        """Evaluate an alarm at every time that has come; returns whether its state changed."""
        step_s = MINUTE_S if period_of(alarm.configuration) >= MINUTE_S else _STEP_S
        if alarm.evaluated_s > now_s:  # the clock went back
            alarm.evaluated_s = now_s - step_s
        first_s = max(alarm.evaluated_s, now_s - _BACK_S_MAX)
        changed = False
        for at_s in range((int(first_s) // step_s + 1) * step_s, int(now_s) + 1, step_s):
            finding = evaluate(self._metrics, alarm, at_s)
            if finding.state is not None and finding.state != alarm.state:
                since_s = float(max(at_s, alarm.configured_s))
                self._change(alarm, finding.state, finding.reason, finding.reason_data, since_s)
                changed = True
        alarm.evaluated_s = now_s
        return changed

    def _change(
        self, alarm: Alarm, state: State, reason: str, reason_data: str | None, time_s: float
    ) -> None:
        old = _shown_state(alarm)
        if state != alarm.state:
            alarm.transitioned_s = time_s
        alarm.state, alarm.reason, alarm.reason_data = state, reason, reason_data
        alarm.updated_s = time_s
        self.history.add(
            alarm.name,
            "StateUpdate",
            time_s,
            f"Alarm updated from {old['stateValue']} to {state}",
            {"version": "1.0", "oldState": old, "newState": _shown_state(alarm)},
        )

    @property
    def _alarms(self) -> dict[str, Alarm]:
        if self._loaded is None:
            with self._metrics.archive.lock:
                rows = self._metrics.archive.store.range(ALARM_PREFIX, after(ALARM_PREFIX))
                alarms = [Alarm.from_record(orjson.loads(record)) for _, record in rows]
            self._loaded = {alarm.name: alarm for alarm in alarms}
        return self._loaded


def _shown_state(alarm: Alarm) -> dict[str, Any]:
    shown: dict[str, Any] = {"stateValue": alarm.state, "stateReason": alarm.reason}
    if alarm.reason_data is not None:
        shown["stateReasonData"] = orjson.loads(alarm.reason_data)
    shown["stateUpdatedTimestamp"] = stamp(alarm.updated_s)
    return shown


def _key(name: str) -> bytes:
    return ALARM_PREFIX + name.encode()
