"""What every publisher has in common."""

from dataclasses import dataclass
from typing import Protocol

from pannier.batch.report import Report
from pannier.errors import UserError


class PublishingError(UserError):
    """The report could not be published. The job itself is not touched by it."""


@dataclass(frozen=True, slots=True)
class Published:
    """What a publisher has to work with.

    Attributes:
        report: of the job.
        ended_at_s: when the job ended, in seconds since 1970.
    """

    report: Report
    ended_at_s: float


class Publisher(Protocol):
    """A place to publish to."""

    def publish(self, job: Published) -> str:
        """Publish a report; returns where it went, in words.

        Raises:
            PublishingError: it could not be published; the text says what to do.
        """
