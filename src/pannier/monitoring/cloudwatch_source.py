"""A target's CloudWatch, through botocore: at AWS, at `pannier serve`, or where the user says.

| target | where its metrics are |
|---|---|
| `aws` | CloudWatch of the profile's region |
| a URL | the same URL; `AWS_ENDPOINT_URL_CLOUDWATCH`, if that is set |
| `local`, `local:PATH` | the server that serves the folder |
| `memory` | nowhere: they are gone with their process |

Source of the limits: CloudWatch API Reference, GetMetricData (500 queries a call).
"""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Self

from pannier.batch.target import TargetUnreachableError
from pannier.errors import UserError
from pannier.monitoring.catalog import NAMESPACE
from pannier.monitoring.inventory import MetricId
from pannier.monitoring.source import MetricQuery, MetricsError
from pannier.monitoring.span import Span
from pannier.monitoring.telling import none_there, told
from pannier.targets.admin import AdminClient, find_server
from pannier.targets.resolve import is_loopback, target_name

_QUERIES_MAX: Final = 500
_PAGES_MAX: Final = 1000
_DEFAULT_REGION: Final = "us-east-1"
_CONNECT_S_MAX: Final = 5
_ANSWER_S_MAX: Final = 30
_NO_TABLE: Final = "ResourceNotFoundException"


class CloudWatchSource:
    """CloudWatch at one place. Nothing is asked before the first call.

    Args:
        name: as it is shown to the user.
        url: the endpoint of CloudWatch; None for AWS.
        tables_url: that of DynamoDB.
        bundle: the certificates to trust; None for those of the environment or the system.

    Attributes:
        name: as it is shown to the user.
        is_near: whether it is on this machine.
    """

    def __init__(
        self,
        name: str,
        url: str | None,
        tables_url: str | None = None,
        *,
        bundle: Path | None = None,
    ) -> None:
        self._bundle = bundle
        self.name = name
        self.is_near = url is not None and is_loopback(url)
        self._url = url
        self._tables_url = tables_url or url
        self._clock: AdminClient | None = None
        if self.is_near and url is not None:
            try:
                self._clock = AdminClient(url, bundle)
            except ValueError:
                raise _no_url(url) from None

    @classmethod
    def of_target(
        cls, given: str | None = None, environment: Mapping[str, str] = os.environ
    ) -> Self:
        """The CloudWatch of a target.

        Args:
            given: the target's name; None for the environment's or the default one.
            environment: of the process.

        Raises:
            UserError: the target has none; the text says what to do.
        """
        name = target_name(given, environment)
        place = name.partition("?")[0]
        if place == "memory":
            raise UserError(
                "the metrics of memory are gone with its process",
                "Start a server, and name its address: pannier serve --memory",
            )
        if place == "local" or place.startswith("local:"):
            server = find_server(place)
            return cls(f"{place} (served at {server.url})", server.url, bundle=server.bundle)
        if place == "aws":
            return cls("aws", None)
        if "://" not in name:
            raise UserError(
                f"there is no target {name!r}", "Use local, local:PATH, aws, or a URL of a server."
            )
        metrics_url = environment.get("AWS_ENDPOINT_URL_CLOUDWATCH")
        return cls(name, metrics_url or name, name)

    def now_s(self) -> float:
        """The time there: a server of ours may have a clock of its own.

        Raises:
            MetricsError: nobody answers.
        """
        if self._clock is not None:
            try:
                return float(self._clock.get("clock")["now_s"])
            except TargetUnreachableError as error:
                raise MetricsError(error.message, error.advice) from None
            except (UserError, KeyError, TypeError, ValueError):  # no server of ours
                return time.time()
        return time.time()

    def metrics(self) -> list[MetricId]:
        """All metrics of DynamoDB with data of the last two weeks."""
        found: list[MetricId] = []
        for page in self._pages("list_metrics", Namespace=NAMESPACE):
            if "Metrics" not in page:  # a stranger that answers anything with nothing
                raise none_there(self._url or "AWS")
            found.extend(map(_metric, page["Metrics"]))
        return found

    def values(self, queries: Sequence[MetricQuery], span: Span) -> list[dict[int, float]]:
        """For each query its values, by the start of their period."""
        found: list[dict[int, float]] = [{} for _ in queries]
        for first in range(0, len(queries), _QUERIES_MAX):
            asked = queries[first : first + _QUERIES_MAX]
            pages = self._pages(
                "get_metric_data",
                MetricDataQueries=[
                    _query(number, query, span.period_s)
                    for number, query in enumerate(asked, start=first)
                ],
                StartTime=datetime.fromtimestamp(span.start_s, UTC),
                EndTime=datetime.fromtimestamp(span.end_s, UTC),
                ScanBy="TimestampAscending",
            )
            for page in pages:
                for result in page.get("MetricDataResults", ()):
                    points = zip(result["Timestamps"], result["Values"], strict=True)
                    found[int(result["Id"][1:])].update(
                        (int(moment.timestamp()), float(value)) for moment, value in points
                    )
        return found

    def has_table(self, name: str) -> bool | None:
        """Whether there is a table of this name; None where that can't be found out."""
        from botocore.exceptions import BotoCoreError, ClientError  # slow to import

        try:
            client = self._client("dynamodb", self._tables_url)
            client.describe_table(TableName=name)
        except ClientError as error:
            return False if error.response["Error"]["Code"] == _NO_TABLE else None
        except (BotoCoreError, MetricsError):  # a name that can't be one, nobody there ...
            return None
        return True

    @cached_property
    def _cloudwatch(self) -> Any:
        return self._client("cloudwatch", self._url)

    def _pages(self, operation: str, **request: Any) -> Iterator[dict[str, Any]]:
        for _ in range(_PAGES_MAX):
            page = self._ask(operation, request)
            yield page
            if not page.get("NextToken"):
                return
            request["NextToken"] = page["NextToken"]

    def _ask(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(self._cloudwatch, operation)(**request)
        except UserError:
            raise
        except Exception as error:  # botocore's parsers raise anything at a stranger's answer
            raise told(error, self._url) from error
        return answer

    def _client(self, service: str, url: str | None) -> Any:
        import botocore.session  # slow to import
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError

        attempts = 1 if self.is_near else 3
        config = Config(
            connect_timeout=_CONNECT_S_MAX,
            read_timeout=_ANSWER_S_MAX,
            retries={"mode": "standard", "total_max_attempts": attempts},
            proxies={} if self.is_near else None,  # this never leaves the machine
        )
        try:
            session = botocore.session.get_session()
            region = os.environ.get("AWS_REGION") or session.get_config_variable("region")
            if url is not None:
                region = region or _DEFAULT_REGION
                if session.get_credentials() is None:  # an endpoint of one's own asks for none
                    session.set_credentials("pannier", "pannier")
            elif region is None:
                raise MetricsError(
                    "CloudWatch at AWS needs a region",
                    "Set AWS_REGION, or `region` in your AWS profile.",
                )
            return session.create_client(
                service,
                region_name=region,
                endpoint_url=url,
                config=config,
                verify=None if self._bundle is None else str(self._bundle),
            )
        except ValueError:
            raise _no_url(url or "") from None
        except BotoCoreError as error:
            raise told(error, url) from error


def _metric(listed: Mapping[str, Any]) -> MetricId:
    pairs = ((pair["Name"], pair["Value"]) for pair in listed["Dimensions"])
    return MetricId(listed["MetricName"], tuple(sorted(pairs)))


def _query(number: int, query: MetricQuery, period_s: int) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": value} for name, value in query.metric.dimensions]
    metric = {
        "Namespace": NAMESPACE,
        "MetricName": query.metric.name,
        "Dimensions": dimensions,
    }
    return {
        "Id": f"q{number}",
        "MetricStat": {"Metric": metric, "Period": period_s, "Stat": query.statistic},
    }


def _no_url(url: str) -> MetricsError:
    return MetricsError(f"{url} is no URL of an endpoint", "Write it as http://127.0.0.1:PORT.")
