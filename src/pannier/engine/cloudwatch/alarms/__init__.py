"""Alarms on metrics: kept, evaluated by the clock, with a history. No actions are carried out."""

from pannier.engine.cloudwatch.alarms.alarm import Alarm
from pannier.engine.cloudwatch.alarms.register import Alarms

__all__ = ["Alarm", "Alarms"]
