"""From a text such as `cloudwatch` or `prometheus:FILE` to the publisher that it names."""

from pathlib import Path
from typing import Final

from pannier.publishing.cloudwatch import NAMESPACE, CloudWatch
from pannier.publishing.emf import EmbeddedMetrics
from pannier.publishing.otel import OpenTelemetry
from pannier.publishing.prometheus import Prometheus
from pannier.publishing.publisher import Publisher, PublishingError

FORMS: Final = (
    "cloudwatch[:NAMESPACE], emf[:FILE], prometheus:FILE, prometheus:URL of a push gateway, "
    "otel[:URL]"
)


def publisher(text: str, *, url: str | None, is_aws: bool) -> Publisher:
    """The publisher that a text names. Nothing is sent yet.

    Args:
        text: one of `FORMS`.
        url: where the target of the job is, if it is reached by HTTP.
        is_aws: whether that is AWS itself.

    Raises:
        PublishingError: the text names none, or it can't be used here.
    """
    kind, _, place = text.partition(":")
    match kind:
        case "cloudwatch":
            if url is None and not is_aws:
                raise PublishingError(
                    "metrics go to CloudWatch where the target is, and this target is inside this "
                    "process",
                    "Use the target aws or a URL (for example of `pannier serve`), or publish with "
                    "emf:FILE.",
                )
            return CloudWatch(place or NAMESPACE, None if is_aws else url)
        case "emf":
            return EmbeddedMetrics(Path(place) if place else None)
        case "prometheus" if place:
            return Prometheus(place)
        case "otel":
            return OpenTelemetry(place)
    raise PublishingError(f"reports can't be published to {text!r}", f"Name one of: {FORMS}.")
