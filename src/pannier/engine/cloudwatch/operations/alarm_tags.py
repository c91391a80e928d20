"""TagResource, UntagResource, ListTagsForResource: tags of alarms, which tools set beside them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pannier.engine.cloudwatch import messages
from pannier.engine.cloudwatch.alarms import Alarm
from pannier.engine.cloudwatch.alarms.alarm import name_of
from pannier.engine.cloudwatch.errors import (
    InvalidParameterValueError,
    ResourceNotFoundExceptionError,
)
from pannier.engine.cloudwatch.operations.put_metric_alarm import TAGS_MAX

if TYPE_CHECKING:
    from pannier.engine.cloudwatch.cloudwatch import CloudWatch


def tag(cloudwatch: "CloudWatch", request: Mapping[str, Any]) -> dict[str, Any]:
    """Set tags."""
    with cloudwatch.alarms.lock:
        alarm = _alarm(cloudwatch, request)
        tags = alarm.tags | {each["Key"]: each["Value"] for each in request["Tags"]}
        if len(tags) > TAGS_MAX:
            raise InvalidParameterValueError(messages.TAGS_MAX.format(limit=TAGS_MAX))
        alarm.tags = tags
        cloudwatch.alarms.save(alarm)
    return {}


def untag(cloudwatch: "CloudWatch", request: Mapping[str, Any]) -> dict[str, Any]:
    """Remove tags."""
    with cloudwatch.alarms.lock:
        alarm = _alarm(cloudwatch, request)
        for key in request["TagKeys"]:
            alarm.tags.pop(key, None)
        cloudwatch.alarms.save(alarm)
    return {}


def list_tags(cloudwatch: "CloudWatch", request: Mapping[str, Any]) -> dict[str, Any]:
    """Show tags."""
    with cloudwatch.alarms.lock:
        alarm = _alarm(cloudwatch, request)
        return {"Tags": [{"Key": key, "Value": value} for key, value in alarm.tags.items()]}


def _alarm(cloudwatch: "CloudWatch", request: Mapping[str, Any]) -> Alarm:
    arn: str = request["ResourceARN"]
    alarm = cloudwatch.alarms.find(name_of(arn) or "")
    if alarm is None:
        raise ResourceNotFoundExceptionError(messages.RESOURCE_NOT_FOUND.format(arn=arn))
    return alarm
