"""Credentials from botocore's chain: environment, profiles, SSO, roles of containers and instances.

botocore refreshes what says when it expires. What does not (a session token in the environment or
in a file), or is taken back early, shows only when the service calls it expired. Then the whole
chain is looked through again: someone may have run `aws sso login` meanwhile, or written a new
file. The chain of a session that was handed in is the session's, and is not looked through again.
"""

import os
from threading import Lock
from typing import Any, Protocol, runtime_checkable

from pannier.batch.target import TargetUnreachableError
from pannier.errors import UserError
from pannier.targets.signing import Credentials


@runtime_checkable
class RenewableSource(Protocol):
    """A source of credentials that can be asked for better ones."""

    def __call__(self) -> Credentials:
        """The credentials to sign with."""

    def takes_time(self) -> bool:
        """Whether asking for them will go over the network."""

    def renew(self, expired: Credentials) -> None:
        """Look for others than these, which the service calls expired."""


class BotocoreCredentials:
    """Credentials from botocore's chain. Safe to share between threads.

    Args:
        session: of boto3 or botocore, whose credentials they shall be; None for the chain of this
            process.

    Attributes:
        region: the region of the environment or the profile, if there is one.

    Raises:
        UserError: there are no credentials, or the configuration is broken.
    """

    def __init__(self, session: Any | None = None) -> None:
        self._lock = Lock()
        self._is_own = session is None
        self.region: str | None
        if session is None:
            self._session, self._credentials = _from_chain()
            # botocore itself looks at AWS_DEFAULT_REGION and the profile only.
            self.region = os.environ.get("AWS_REGION") or _region_of(self._session)
        else:
            self._session, self._credentials = session, _credentials_of(session)
            self.region = _region_of(session) or os.environ.get("AWS_REGION")

    def endpoint(self) -> str:
        """The URL that botocore would use for DynamoDB."""
        is_boto3 = hasattr(self._session, "client")
        make = self._session.client if is_boto3 else self._session.create_client
        client = make("dynamodb", region_name=self.region)
        url: str = client.meta.endpoint_url
        return url

    def __call__(self) -> Credentials:
        """The credentials to sign with.

        Raises:
            TargetUnreachableError: they can't be refreshed now.
        """
        from botocore.exceptions import BotoCoreError  # slow to import

        try:
            frozen = self._credentials.get_frozen_credentials()
        except BotoCoreError as error:
            raise TargetUnreachableError(
                f"the AWS credentials can't be refreshed: {error}",
                "Log in again, e.g. with `aws sso login`.",
            ) from None
        return Credentials(frozen.access_key, frozen.secret_key, frozen.token)

    def takes_time(self) -> bool:
        """Whether botocore is about to refresh them."""
        refresh_needed = getattr(self._credentials, "refresh_needed", None)
        return refresh_needed is not None and bool(refresh_needed())

    def renew(self, expired: Credentials) -> None:
        """Look through the chain again, unless somebody has done so meanwhile."""
        with self._lock:
            try:
                if self._is_own and self() == expired:
                    _, self._credentials = _from_chain()
            except UserError:  # there are none at the moment; the next call asks again
                return


def _from_chain() -> tuple[Any, Any]:
    """A new session of botocore, which reads files and environment anew, and its credentials."""
    import botocore.session  # slow to import

    session = botocore.session.get_session()
    return session, _credentials_of(session)


def _credentials_of(session: Any) -> Any:
    from botocore.exceptions import BotoCoreError  # slow to import

    try:
        credentials = session.get_credentials()
    except BotoCoreError as error:
        raise UserError(str(error), "Check AWS_PROFILE and your AWS configuration.") from None
    if credentials is None:
        raise UserError(
            "no AWS credentials were found",
            "Run `aws configure`, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
        )
    return credentials


def _region_of(session: Any) -> str | None:
    """The region of a session: boto3's says it itself, botocore's has it among its variables."""
    if hasattr(session, "region_name"):
        region: str | None = session.region_name
    else:
        region = session.get_config_variable("region")
    return region
