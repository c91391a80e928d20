"""One alarm: its configuration as the API has it, and its state."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal, Self, TypeAlias

State: TypeAlias = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]

_ARN_PREFIX: Final = "arn:aws:cloudwatch:us-east-1:000000000000:alarm:"
_UNCHECKED: Final = "Unchecked: Initial alarm creation"
_ACTIONS: Final = ("OKActions", "AlarmActions", "InsufficientDataActions")


@dataclass(slots=True)
class Alarm:
    """One alarm.

    Attributes:
        configuration: the members of PutMetricAlarm, checked, with defaults.
        configured_s: when that was, in seconds since 1970.
        state: what it says.
        reason: why, in words.
        reason_data: why, as JSON; or None.
        updated_s: since when reason and state are as they are.
        transitioned_s: since when the state is as it is.
        evaluated_s: up to when it was evaluated.
        tags: names and values.
    """

    configuration: dict[str, Any]
    configured_s: float
    state: State = "INSUFFICIENT_DATA"
    reason: str = _UNCHECKED
    reason_data: str | None = None
    updated_s: float = 0.0
    transitioned_s: float = 0.0
    evaluated_s: float = 0.0
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its name."""
        name: str = self.configuration["AlarmName"]
        return name

    @property
    def arn(self) -> str:
        """Its name in all of AWS."""
        return arn_of(self.name)

    def to_record(self) -> dict[str, Any]:
        """The alarm as it is kept."""
        return asdict(self)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        """The alarm that was kept."""
        return cls(**record)

    def describe(self) -> dict[str, Any]:
        """The alarm as the API shows it."""
        described = {
            **self.configuration,
            "AlarmArn": self.arn,
            "AlarmConfigurationUpdatedTimestamp": self.configured_s,
            "StateValue": self.state,
            "StateReason": self.reason,
            "StateUpdatedTimestamp": self.updated_s,
            "StateTransitionedTimestamp": self.transitioned_s,
        }
        for member in _ACTIONS:
            described.setdefault(member, [])
        if self.reason_data is not None:
            described["StateReasonData"] = self.reason_data
        return described


def arn_of(name: str) -> str:
    """The name of an alarm in all of AWS."""
    return _ARN_PREFIX + name


def name_of(arn: str) -> str | None:
    """The name of the alarm with an ARN; None if it is no alarm's."""
    return arn.removeprefix(_ARN_PREFIX) if arn.startswith(_ARN_PREFIX) else None
