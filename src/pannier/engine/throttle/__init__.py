"""Throttling: which requests a table, an index or a partition has the capacity for."""

from pannier.engine.throttle.settings import BURST_S, OFF, ON, Throttling, named
from pannier.engine.throttle.throttle import Throttle

__all__ = ["BURST_S", "OFF", "ON", "Throttle", "Throttling", "named"]
