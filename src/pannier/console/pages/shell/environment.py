"""The environment of a command: pointed at the console's target, whatever the user's own says."""

from collections.abc import Mapping
from typing import Final

from pannier.service.access.credentials_change import KEY_ID_PREFIX
from pannier.targets.resolve import is_loopback

_LOOPBACK: Final = "127.0.0.1,localhost,::1"
_LEADS_ELSEWHERE: Final = frozenset({
    "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
})  # fmt: skip
_PLAIN: Final = {
    "AWS_PAGER": "",
    "AWS_CLI_AUTO_PROMPT": "off",
    "PAGER": "cat",
    "NO_COLOR": "1",
    "TERM": "dumb",
    "COLUMNS": "100",
    "PYTHONUNBUFFERED": "1",
}


def environment_of(address: str, own: Mapping[str, str]) -> dict[str, str]:
    """A command's environment.

    Args:
        address: the target: `aws`, or a URL.
        own: the console's environment.
    """
    kept = {**own, **_PLAIN, "PANNIER_TARGET": address}
    if address == "aws":  # the user's profile, region and endpoints, as for the console itself
        return kept
    kept = {
        name: value
        for name, value in kept.items()
        if not name.startswith("AWS_ENDPOINT_URL") and name != "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"
    }
    kept["AWS_ENDPOINT_URL"] = address
    if not is_loopback(address):
        return kept
    kept = {name: value for name, value in kept.items() if name not in _LEADS_ELSEWHERE}
    region = own.get("AWS_REGION") or own.get("AWS_DEFAULT_REGION") or "us-east-1"
    # Those of AWS never go to a server on this machine; those of such a server are known by their
    # key ids.
    is_ours = own.get("AWS_ACCESS_KEY_ID", "").startswith(KEY_ID_PREFIX)
    return {
        **kept,
        "AWS_ACCESS_KEY_ID": own["AWS_ACCESS_KEY_ID"] if is_ours else "local",
        "AWS_SECRET_ACCESS_KEY": own.get("AWS_SECRET_ACCESS_KEY", "") if is_ours else "local",
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": _LOOPBACK,
        "no_proxy": _LOOPBACK,
    }
