"""CloudWatch: what is asked about metrics, and the alarms on them."""

from pannier.engine.cloudwatch.cloudwatch import CloudWatch

__all__ = ["CloudWatch"]
