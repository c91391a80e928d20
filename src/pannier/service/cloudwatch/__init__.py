"""CloudWatch on the wire: three protocols, told apart by the request. No semantics."""

from pannier.service.cloudwatch.api import PREFIX, CloudWatchApi

__all__ = ["PREFIX", "CloudWatchApi"]
