"""How often the reader called, as CloudWatch counted it.

Beside a server of Pannier, CloudWatch is at the server's own address; beside AWS, it is AWS's. A
database without a server has none, and neither have other endpoints.
"""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pannier.targets.resolve import environment_credentials, is_loopback
from pannier.targets.signing import Credentials
from pannier.workshop.chapter import TABLE

_NAMESPACE: Final = "AWS/DynamoDB"
_LOOKED_BACK: Final = timedelta(days=14)  # a server keeps 15 days
_AHEAD: Final = timedelta(days=1)  # a clock that was moved by hand, or runs fast
_PERIOD_S: Final = 86400
_CONNECT_S_MAX: Final = 5
_ANSWER_S_MAX: Final = 10


class Calls:
    """Sums of CloudWatch's metrics.

    Args:
        client: of CloudWatch, made by botocore.
        now: the time.
    """

    def __init__(self, client: Any, now: Callable[[], datetime] | None = None) -> None:
        self._client = client
        self._now = now or (lambda: datetime.now(UTC))

    def requests(self, operation: str) -> int | None:
        """How many requests of an operation on the table were answered; None if nobody knows."""
        return self._sum(
            "SuccessfulRequestLatency", "SampleCount", TableName=TABLE, Operation=operation
        )

    def refused(self) -> int | None:
        """How many requests were refused with HTTP 400, throttles apart; None if nobody knows."""
        return self._sum("UserErrors", "Sum")

    def throttled_writes(self) -> int | None:
        """How many writes of the table were throttled, item by item; None if nobody knows."""
        return self._sum("WriteThrottleEvents", "Sum", TableName=TABLE)

    def _sum(self, metric: str, statistic: str, **dimensions: str) -> int | None:
        from botocore.exceptions import BotoCoreError, ClientError  # slow to import

        now = self._now()
        try:
            answer = self._client.get_metric_statistics(
                Namespace=_NAMESPACE,
                MetricName=metric,
                Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
                StartTime=now - _LOOKED_BACK,
                EndTime=now + _AHEAD,
                Period=_PERIOD_S,
                Statistics=[statistic],
            )
        except (BotoCoreError, ClientError):
            return None
        total: float = sum(point[statistic] for point in answer["Datapoints"])
        return round(total)


def calls_at(url: str | None, *, is_aws: bool) -> Calls | None:
    """The CloudWatch beside a target; None if it has none that may be asked.

    Args:
        url: the target's; None if it has no address.
        is_aws: whether the target is DynamoDB at AWS, because the user said so.
    """
    if not is_aws and (url is None or not is_loopback(url)):
        return None
    import botocore.config  # slow to import
    import botocore.session

    session = botocore.session.get_session()
    config = botocore.config.Config(
        connect_timeout=_CONNECT_S_MAX,
        read_timeout=_ANSWER_S_MAX,
        retries={"total_max_attempts": 2},
    )
    if is_aws:
        region = os.environ.get("AWS_REGION") or session.get_config_variable("region")
        return Calls(session.create_client("cloudwatch", region_name=region, config=config))
    own = environment_credentials() or Credentials("local", "local")
    session.set_credentials(own.access_key, own.secret_key, own.token)
    client = session.create_client(
        "cloudwatch", region_name="us-east-1", endpoint_url=url, config=config
    )
    return Calls(client)
