"""The environment in which AWS's tools and SDKs find a database of a test, and nothing else.

Credentials and region are dummies, the same on every machine. Profiles, files under `~/.aws` and
the credentials of the machine are out of reach.
"""

import os
from collections.abc import Mapping
from typing import Final

ACCESS_KEY: Final = "local"
SECRET_KEY: Final = "local"  # noqa: S105  # any will do: the engine looks at the form only
REGION: Final = "us-east-1"

OWN_SERVICES: Final = ("DYNAMODB", "DYNAMODB_STREAMS", "CLOUDWATCH")
_URL: Final = "AWS_ENDPOINT_URL"
_UNWANTED: Final = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_ACCOUNT_ID",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
)


def settings(url: str, *, everything: bool = True) -> dict[str, str]:
    """The variables that lead to a server.

    Args:
        url: the server's.
        everything: whether requests to all other services are led there too, to be refused.
    """
    names = [f"{_URL}_{service}" for service in OWN_SERVICES]
    if everything:
        names.append(_URL)
    return {
        **dict.fromkeys(names, url),
        "PANNIER_TARGET": url,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def cleaned(base: Mapping[str, str]) -> dict[str, str]:
    """An environment without what leads elsewhere."""
    return {
        name: value
        for name, value in base.items()
        if name not in _UNWANTED and not name.startswith(_URL)
    }
