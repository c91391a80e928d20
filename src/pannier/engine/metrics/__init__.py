"""CloudWatch metrics of the database, minute by minute."""

from pannier.engine.metrics.recorder import Recorder

__all__ = ["Recorder"]
