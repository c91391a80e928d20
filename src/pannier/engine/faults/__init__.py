"""Faults on demand, for those who test that their own code survives them.

checks, latency, named_errors -> effects, key_pattern -> rule: what a rule says;
reading, file: rules as files have them;
subjects -> rule_in_force -> striking: what a request meets; injector: the rules in force;
tally: what was injected.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from pannier.engine.faults.injection import Injection
from pannier.engine.faults.injector import Faults, GivenRule
from pannier.engine.faults.tally import Tally

if TYPE_CHECKING:
    from pannier.engine.faults.checks import RuleError
    from pannier.engine.faults.effects import Drop, Effect, Error, Leave, Slow, Throttle
    from pannier.engine.faults.file import read_file
    from pannier.engine.faults.key_pattern import KeyPattern
    from pannier.engine.faults.latency import (
        Exponential,
        Fixed,
        Latency,
        LogNormal,
        Normal,
        Pareto,
        Uniform,
    )
    from pannier.engine.faults.reading import Plan, read_plan, read_rule
    from pannier.engine.faults.rule import Rule

_PLACES: Final = {
    "Drop": "effects",
    "Effect": "effects",
    "Error": "effects",
    "Exponential": "latency",
    "Fixed": "latency",
    "KeyPattern": "key_pattern",
    "Latency": "latency",
    "Leave": "effects",
    "LogNormal": "latency",
    "Normal": "latency",
    "Pareto": "latency",
    "Plan": "reading",
    "Rule": "rule",
    "RuleError": "checks",
    "Slow": "effects",
    "Throttle": "effects",
    "Uniform": "latency",
    "read_file": "file",
    "read_plan": "reading",
    "read_rule": "reading",
}

__all__ = [
    "Drop",
    "Effect",
    "Error",
    "Exponential",
    "Faults",
    "Fixed",
    "GivenRule",
    "Injection",
    "KeyPattern",
    "Latency",
    "Leave",
    "LogNormal",
    "Normal",
    "Pareto",
    "Plan",
    "Rule",
    "RuleError",
    "Slow",
    "Tally",
    "Throttle",
    "Uniform",
    "read_file",
    "read_plan",
    "read_rule",
]


def __getattr__(name: str) -> Any:
    """Load what rules are made of when it is first used: most databases never have any."""
    place = _PLACES.get(name)
    if place is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{place}"), name)
