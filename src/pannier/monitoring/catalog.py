"""Which charts there are: each declared once, for whoever shows them.

Units are shown by the second, because that is how they are provisioned: what was consumed in a
period (the Sum), divided by its seconds. The sum itself is a series' `total`. Everything else is
counted by the period.

Source of names and dimensions: Developer Guide, "DynamoDB metrics and dimensions".
"""

from typing import Final

from pannier.monitoring.charts import Absent, ChartKind, Line, Scope

NAMESPACE: Final = "AWS/DynamoDB"
LATENCY: Final = "SuccessfulRequestLatency"
_LIMITS: Final = {
    "ProvisionedThroughput": "provisioned throughput",
    "KeyRangeThroughput": "partition",
    "AccountLimit": "account",
    "MaxOnDemandThroughput": "on-demand maximum",
}


def _units(kind: str) -> ChartKind:
    return ChartKind(
        f"{kind.lower()}_units",
        f"{kind} units",
        "units/s",
        Scope.RESOURCE,
        (
            Line("consumed", f"Consumed{kind}CapacityUnits", "Sum", Absent.ZERO, per_s=True),
            Line(
                "provisioned",
                f"Provisioned{kind}CapacityUnits",
                "Average",
                Absent.HOLD,
                is_optional=True,
            ),
        ),
        f"{kind} units consumed a second, beside those that are provisioned",
    )


def _throttles(kind: str) -> ChartKind:
    reasons = (
        Line(name, f"{kind}{limit}ThrottleEvents", "Sum", Absent.ZERO, is_optional=True)
        for limit, name in _LIMITS.items()
    )
    return ChartKind(
        f"{kind.lower()}_throttles",
        f"{kind} throttle events",
        "events",
        Scope.RESOURCE,
        (Line("all", f"{kind}ThrottleEvents", "Sum", Absent.ZERO), *reasons),
        f"{kind}s of single items that were throttled; and by the limit that was reached",
    )


def _of_operations(
    name: str, title: str, unit: str, metric: str, statistic: str, about: str
) -> ChartKind:
    absent = Absent.GAP if unit == "ms" else Absent.ZERO
    line = Line("", metric, statistic, absent)
    return ChartKind(name, title, unit, Scope.OPERATIONS, (line,), about)


REQUESTS: Final = _of_operations(
    "requests", "Requests", "requests", LATENCY, "SampleCount", "Requests that succeeded"
)
THROTTLED: Final = _of_operations(
    "throttled_requests", "Throttled requests", "requests", "ThrottledRequests", "Sum",
    "Requests of which nothing was admitted; a batch counts once",
)  # fmt: skip
SYSTEM_ERRORS: Final = _of_operations(
    "system_errors", "System errors", "requests", "SystemErrors", "Sum", "Answers of HTTP 500"
)
SUCCESS_RATE: Final = ChartKind(
    "success_rate", "Success rate", "%", Scope.TABLE, (),
    "Requests that succeeded, of those and of throttled ones and system errors",
)  # fmt: skip

CATALOG: Final[tuple[ChartKind, ...]] = (
    _units("Read"),
    _units("Write"),
    _throttles("Read"),
    _throttles("Write"),
    REQUESTS,
    SUCCESS_RATE,
    THROTTLED,
    SYSTEM_ERRORS,
    *(
        _of_operations(
            f"latency_{name}", f"Latency {title}", "ms", LATENCY, statistic,
            f"{title.capitalize()} of the milliseconds inside the service, of requests that "
            "succeeded",
        )
        for name, title, statistic in (
            ("p50", "p50", "p50"),
            ("p99", "p99", "p99"),
            ("average", "average", "Average"),
            ("maximum", "maximum", "Maximum"),
        )
    ),
    _of_operations(
        "returned_items", "Returned items", "items", "ReturnedItemCount", "Sum",
        "Items that queries, scans and statements returned",
    ),
    ChartKind(
        "failed_conditions", "Failed conditions", "requests", Scope.TABLE,
        (Line("false", "ConditionalCheckFailedRequests", "Sum", Absent.ZERO),),
        "Writes whose condition was false",
    ),
    ChartKind(
        "user_errors", "User errors", "requests", Scope.ACCOUNT,
        (Line("all", "UserErrors", "Sum", Absent.ZERO),),
        "Answers of HTTP 400, but neither throttles nor false conditions; of no table",
    ),
)  # fmt: skip
