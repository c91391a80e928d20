"""Publishing as a line of JSON in CloudWatch's embedded metric format.

Whatever carries the log to CloudWatch Logs (Lambda, ECS, the agent) turns the line into metrics.
The line names a metric only once, so units by table are further lines of their own.

Source: CloudWatch User Guide, "Specification: Embedded metric format".
"""

import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import orjson

from pannier.publishing.cloudwatch import NAMESPACE, UNITS, name_of
from pannier.publishing.measures import Measure, latencies, measures
from pannier.publishing.publisher import Published, PublishingError

_MS: Final = 1000
_DIMENSIONS: Final = {"table": "TableName", "index": "IndexName"}


class EmbeddedMetrics:
    """A log file, or standard output.

    Args:
        path: lines are added to it; None for standard output.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        if path is not None and not path.absolute().parent.is_dir():
            raise PublishingError(
                f"{path} can't be written: there is no folder {path.parent}", "Make it first."
            )

    def publish(self, job: Published) -> str:
        """Write the lines."""
        text = b"".join(orjson.dumps(line) + b"\n" for line in lines(job))
        if self._path is None:
            sys.stdout.buffer.write(text)
            sys.stdout.buffer.flush()
            return "metrics on standard output"
        try:
            with self._path.open("ab") as file:
                file.write(text)
        except OSError as error:
            raise PublishingError(
                f"{self._path} can't be written: {error.strerror}", "Name another: emf:FILE."
            ) from None
        return f"metrics added to {self._path}"


def lines(job: Published) -> Iterator[dict[str, Any]]:
    """The lines: one for the job, one for each table and index with consumed units."""
    by_place: defaultdict[tuple[tuple[str, str], ...], list[Measure]] = defaultdict(list)
    for measure in measures(job.report):
        by_place[tuple(measure.labels.items())].append(measure)
    for labels, group in by_place.items():
        values = {name_of(each): each.value for each in group}
        units = {name_of(each): UNITS[each.unit] for each in group}
        if not labels:
            for percentile, latency_s in latencies(job.report):
                name = f"CallLatencyP{percentile:g}".replace(".", "")
                values[name], units[name] = latency_s * _MS, "Milliseconds"
        dimensions = {"Operation": job.report.operation}
        dimensions |= {_DIMENSIONS[label]: value for label, value in labels}
        yield {
            "_aws": {
                "Timestamp": round(job.ended_at_s * _MS),
                "CloudWatchMetrics": [
                    {
                        "Namespace": NAMESPACE,
                        "Dimensions": [list(dimensions)],
                        "Metrics": [{"Name": name, "Unit": unit} for name, unit in units.items()],
                    }
                ],
            },
            **dimensions,
            **values,
        }
