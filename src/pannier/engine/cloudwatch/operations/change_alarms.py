"""DeleteAlarms, EnableAlarmActions, DisableAlarmActions, SetAlarmState.

Names of alarms that are not there are passed over (service model, DeleteAlarms), but by
SetAlarmState, which is about one alarm.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson

from pannier.engine.cloudwatch import messages
from pannier.engine.cloudwatch.errors import InvalidFormatError, ResourceNotFoundError

if TYPE_CHECKING:
    from pannier.engine.cloudwatch.cloudwatch import CloudWatch


def delete(cloudwatch: "CloudWatch", request: Mapping[str, Any]) -> dict[str, Any]:
    """Delete alarms."""
    alarms = cloudwatch.alarms
    with alarms.lock:
        for name in request["AlarmNames"]:
            if alarms.find(name) is not None:
                alarms.delete(name)
    return {}


def enable_actions(cloudwatch: "CloudWatch", request: Mapping[str, Any]) -> dict[str, Any]:
    """Say that alarms' actions are to be carried out, where there is somebody to do so."""
    return _set_actions(cloudwatch, request, enabled=True)


def disable_actions(cloudwatch: "CloudWatch", request: Mapping[str, Any]) -> dict[str, Any]:
    """Say that alarms' actions are not to be carried out."""
    return _set_actions(cloudwatch, request, enabled=False)


def set_state(cloudwatch: "CloudWatch", request: Mapping[str, Any]) -> dict[str, Any]:
    """Set an alarm's state, until it is evaluated the next time."""
    data = request.get("StateReasonData")
    if data is not None:
        try:
            orjson.loads(data)
        except orjson.JSONDecodeError:
            raise InvalidFormatError(messages.REASON_DATA) from None
    alarms = cloudwatch.alarms
    with alarms.lock:
        alarms.evaluate()
        alarm = alarms.find(request["AlarmName"])
        if alarm is None:
            raise ResourceNotFoundError(messages.ALARM_NOT_FOUND.format(name=request["AlarmName"]))
        alarms.set_state(alarm, request["StateValue"], request["StateReason"], data)
    return {}


def _set_actions(
    cloudwatch: "CloudWatch", request: Mapping[str, Any], *, enabled: bool
) -> dict[str, Any]:
    alarms = cloudwatch.alarms
    with alarms.lock:
        for name in request["AlarmNames"]:
            alarm = alarms.find(name)
            if alarm is not None:
                alarms.put({**alarm.configuration, "ActionsEnabled": enabled}, {})
    return {}
