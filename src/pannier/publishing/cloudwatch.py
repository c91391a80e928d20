"""Publishing to CloudWatch: PutMetricData, through botocore, at the target's own place.

Every metric has the dimension `Operation` (write or read); consumed units have `TableName`, and
`IndexName` for an index. Latencies go as values with counts, so that CloudWatch can compute any
percentile of them.

Source of the limits: CloudWatch API Reference, PutMetricData (1,000 metrics in a request, 150
values in a metric).
"""

import math
import os
from collections.abc import Iterator
from typing import Any, Final

from pannier.batch.latencies import Latencies
from pannier.publishing.measures import Measure, Unit, measures
from pannier.publishing.publisher import Published, PublishingError

NAMESPACE: Final = "Pannier"
_METRICS_MAX: Final = 500
_VALUES_MAX: Final = 150
_MS: Final = 1000
_DEFAULT_REGION: Final = "us-east-1"
UNITS: Final = {
    Unit.COUNT: "Count",
    Unit.SECONDS: "Seconds",
    Unit.BYTES: "Bytes",
    Unit.PER_SECOND: "Count/Second",
    Unit.RATIO: "None",
    Unit.USD: "None",
}
_DIMENSIONS: Final = {"table": "TableName", "index": "IndexName"}


class CloudWatch:
    """CloudWatch at AWS, or at an endpoint that speaks its API.

    Args:
        namespace: of the metrics.
        url: the endpoint; None for AWS, or what `AWS_ENDPOINT_URL_CLOUDWATCH` says.
        client: a CloudWatch client of botocore or boto3, instead of one made here.
    """

    def __init__(
        self, namespace: str = NAMESPACE, url: str | None = None, client: Any | None = None
    ) -> None:
        if not namespace or namespace.startswith("AWS/"):
            raise PublishingError(
                f"{namespace!r} can't be a namespace of your metrics",
                "Name another: cloudwatch:NAMESPACE. AWS/ is for the services of AWS.",
            )
        self._namespace = namespace
        self._url = url
        self._client = client

    def publish(self, job: Published) -> str:
        """Send the metrics."""
        from botocore.exceptions import BotoCoreError, ClientError  # slow to import

        metrics = list(_metrics(job))
        try:
            client = self._client or _client(self._url)
            for start in range(0, len(metrics), _METRICS_MAX):
                client.put_metric_data(
                    Namespace=self._namespace, MetricData=metrics[start : start + _METRICS_MAX]
                )
        except (BotoCoreError, ClientError) as error:
            place = self._url or "AWS"
            raise PublishingError(
                f"CloudWatch at {place} did not take the metrics: {error}",
                "Check that the endpoint speaks CloudWatch, and that you may call PutMetricData.",
            ) from None
        return f"{len(metrics)} metrics in the namespace {self._namespace} of CloudWatch"


def name_of(measure: Measure) -> str:
    """A measure's name as CloudWatch's own metrics are called: `OperationsWritten`."""
    return "".join(part.capitalize() for part in measure.name.split("_"))


def _client(url: str | None) -> Any:
    import botocore.session  # slow to import

    session = botocore.session.get_session()
    region = os.environ.get("AWS_REGION") or session.get_config_variable("region")
    if url is not None:
        region = region or _DEFAULT_REGION
        if session.get_credentials() is None:  # an endpoint of one's own asks for none
            session.set_credentials("pannier", "pannier")
    return session.create_client("cloudwatch", region_name=region, endpoint_url=url)


def _metrics(job: Published) -> Iterator[dict[str, Any]]:
    operation = {"Name": "Operation", "Value": job.report.operation}
    common = {"Timestamp": job.ended_at_s}
    for measure in measures(job.report):
        places = [
            {"Name": _DIMENSIONS[label], "Value": value} for label, value in measure.labels.items()
        ]
        yield {
            "MetricName": name_of(measure),
            "Dimensions": [operation, *places],
            "Value": float(measure.value),
            "Unit": UNITS[measure.unit],
            **common,
        }
    if job.report.latencies.count:
        values, counts = zip(*grouped(job.report.latencies, _VALUES_MAX), strict=True)
        yield {
            "MetricName": "CallLatency",
            "Dimensions": [operation],
            "Values": [value * _MS for value in values],
            "Counts": [float(count) for count in counts],
            "Unit": "Milliseconds",
            **common,
        }


def grouped(latencies: Latencies, groups_max: int) -> list[tuple[float, int]]:
    """Latencies and their counts, near ones put together so that there are not too many.

    A group is told by the mean of its calls; groups are as wide in proportion as they must be.
    """
    buckets = list(latencies.buckets())
    width = 0.001
    while len(buckets) > groups_max:
        groups: dict[int, tuple[float, int]] = {}
        for value, count in buckets:
            place = math.floor(math.log(value) / width)
            total, number = groups.get(place, (0.0, 0))
            groups[place] = (total + value * count, number + count)
        buckets = [(total / number, number) for total, number in groups.values()]
        width *= 2
    return buckets
