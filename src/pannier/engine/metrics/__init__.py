"""The metrics of the database, minute by minute, 15 days of them."""

from pannier.engine.metrics.metrics import Metrics
from pannier.engine.metrics.recorder import Recorder

__all__ = ["Metrics", "Recorder"]
