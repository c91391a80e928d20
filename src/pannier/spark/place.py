"""The place that all tasks of a job work on: settled once, where the job is planned.

A task connects to it by its URL. Credentials are not carried along: each executor has its own, by
the usual chain.
"""

import re
from dataclasses import dataclass
from typing import Any, Final, Self

from pannier.errors import UserError
from pannier.library.connection import Connection
from pannier.targets.credentials import BotocoreCredentials
from pannier.targets.resolve import environment_credentials, is_loopback, resolve, target_name
from pannier.targets.signing import Credentials

_DEFAULT_REGION: Final = "us-east-1"
# At AWS, streams have an address of their own; elsewhere, that of the tables.
_AWS: Final = re.compile(r"^(https?://)(dynamodb\.[a-z0-9-]+\.amazonaws\.com.*)$")


@dataclass(frozen=True, slots=True)
class Place:
    """A target that every process of a cluster can reach.

    Attributes:
        url: of the endpoint.
        region: for signatures.
    """

    url: str
    region: str | None

    @classmethod
    def of(cls, target: str | None, region: str | None = None) -> Self:
        """The place that a target's name means here.

        Args:
            target: `aws` or a URL; None for the environment's.
            region: for signatures; None for the environment's.

        Raises:
            UserError: a target that only one process can have, or no region.
        """
        name = target_name(target)
        if name == "aws":
            source = BotocoreCredentials()
            source.region = region or source.region
            if source.region is None:
                raise UserError(
                    "the target aws needs a region",
                    'Set AWS_REGION on the driver, or give it: .option("region", "eu-west-1").',
                )
            return cls(source.endpoint(), source.region)
        if "://" not in name:
            raise UserError(
                f"a job on Spark has many processes, and the target {name} has room for one",
                "Run `pannier serve`, and give its URL: "
                '.option("target", "http://127.0.0.1:8000"); or give aws.',
            )
        if region is None and not is_loopback(name):
            region = BotocoreCredentials().region
        return cls(name, region)

    def streams(self) -> Any:
        """Botocore's client for DynamoDB Streams, with the credentials that are found here."""
        import botocore.session  # slow to import

        own: dict[str, Any] = {}
        if is_loopback(self.url):
            known = environment_credentials() or Credentials("pannier", "pannier")
            own = {
                "aws_access_key_id": known.access_key,
                "aws_secret_access_key": known.secret_key,
                "aws_session_token": known.token,
            }
        return botocore.session.get_session().create_client(
            "dynamodbstreams",
            region_name=self.region or _DEFAULT_REGION,
            endpoint_url=_AWS.sub(r"\1streams.\2", self.url),
            **own,
        )

    def connect(self) -> Connection:
        """A connection of this process, with the credentials that are found here."""
        return Connection(resolve(self.url, region=self.region))
