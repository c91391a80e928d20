"""From a target's name to the target.

`local` (the default: the embedded engine, in `./.pannier`), `local:PATH`, `memory`, `aws` (with
the usual profile and region), or a URL. Order: `--target`, `PANNIER_TARGET`,
`AWS_ENDPOINT_URL_DYNAMODB`, `AWS_ENDPOINT_URL`, else `local`. Nothing goes to AWS unless the user
said `aws` or gave a URL.

`local` and `memory` take options after a `?`: see `local_options`.

A folder has one owner at a time. Where a server holds it, its note there says at which address,
and `local` talks to the server instead.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from pannier.batch.target import Target
from pannier.engine.database import Database, Durability
from pannier.errors import UserError
from pannier.storage.folder import FolderHeldError
from pannier.targets.credentials import BotocoreCredentials
from pannier.targets.in_process import InProcessTarget
from pannier.targets.local_options import NO_OPTIONS, LocalOptions, read_options
from pannier.targets.own_certificate import own_certificate
from pannier.targets.signing import Credentials

DEFAULT_FOLDER: Final = ".pannier"
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_USER: Final = re.compile(r"://[^/?#]*@")
_DEFAULT_REGION: Final = "us-east-1"
# What a server on this machine has in its queue, it does within moments, or it died with it.
_LATE_EFFECT_ON_LOOPBACK_S: Final = 2.0


def target_name(given: str | None, environment: Mapping[str, str] = os.environ) -> str:
    """The target's name, by the order of precedence.

    What a URL has in front of an @ is left out: it is not used, and may be a password, which no
    report and no journal shall show.
    """
    names = ("PANNIER_TARGET", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL")
    name = given or next((environment[name] for name in names if environment.get(name)), "local")
    return _USER.sub("://", name) if "://" in name else name


def resolve(
    given: str | None = None, *, durability: Durability = "synced", region: str | None = None
) -> Target:
    """The target that a name means.

    Args:
        given: the name, or None for the environment's or the default one.
        durability: of a `local` target.
        region: for the signatures at a URL; None for the environment's.

    Raises:
        UserError: the name means nothing, or the target can't be had; the text says what to do.
    """
    name = target_name(given)
    place, question, query = name.partition("?")
    if place in ("memory", "local") or place.startswith("local:"):
        options = read_options(query, name) if question else NO_OPTIONS
        if place == "memory":
            return _memory(options)
        return _local(Path(place.partition(":")[2] or DEFAULT_FOLDER), durability, options)
    if name == "aws":
        return _aws()
    if "://" in name:
        return _url(name, region=region)
    raise UserError(f"there is no target {name!r}", "Use local, local:PATH, memory, aws, or a URL.")


def _memory(options: LocalOptions) -> Target:
    database = Database.in_memory()
    options.put_in_force(database)
    what = ", ".join(["gone when this process ends", *options.words])
    return InProcessTarget(database, f"memory ({what})")


def _local(path: Path, durability: Durability, options: LocalOptions) -> Target:
    try:
        database = Database.open(path, durability=durability)
    except FolderHeldError as held:
        if held.url is None:
            raise
        if options != NO_OPTIONS:
            raise UserError(
                f"{path} is served at {held.url}, so its options are set there",
                f"Leave them out, and use: pannier throttle on --target {held.url}, or "
                f"pannier faults set FILE --target {held.url}",
            ) from None
        certificate = own_certificate(path, held.url)
        return _url(held.url, f"local ({path}, served at {held.url})", certificate)
    options.put_in_force(database)
    return InProcessTarget(database, f"local ({', '.join([str(path), *options.words])})")


def _url(
    url: str, name: str | None = None, bundle: Path | None = None, region: str | None = None
) -> Target:
    from pannier.targets.http_client import HttpTarget  # slow to import

    if is_loopback(url):
        own = environment_credentials() or Credentials("pannier", "pannier")
        region = region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
        return HttpTarget(
            url,
            region or _DEFAULT_REGION,
            lambda: own,
            name,
            late_effect_s=_LATE_EFFECT_ON_LOOPBACK_S,
            bundle=bundle,
        )
    source = BotocoreCredentials()
    known = region or source.region or _DEFAULT_REGION
    return HttpTarget(url, known, source, name, bundle=bundle)


def is_loopback(url: str) -> bool:
    """Whether a URL names this machine."""
    try:
        return urlsplit(url).hostname in _LOOPBACK
    except ValueError:
        return False


def session_target(session: Any) -> Target:
    """DynamoDB by a session of boto3 or botocore: its credentials, region and endpoint.

    Raises:
        UserError: it has no credentials, or no region.
    """
    return _by_session(BotocoreCredentials(session), "the session")


def _aws() -> Target:
    return _by_session(BotocoreCredentials(), "the target aws")


def _by_session(source: BotocoreCredentials, what: str) -> Target:
    from pannier.targets.http_client import HttpTarget  # slow to import

    if source.region is None:
        raise UserError(
            f"{what} needs a region", "Set AWS_REGION, or `region` in your AWS profile."
        )
    url = source.endpoint()
    name = f"aws ({source.region}, {url})"
    if is_loopback(url):
        return HttpTarget(url, source.region, source, url, late_effect_s=_LATE_EFFECT_ON_LOOPBACK_S)
    return HttpTarget(url, source.region, source, name)


def environment_credentials() -> Credentials | None:
    """The credentials that stand in the environment itself."""
    access, secret = (
        os.environ.get("AWS_ACCESS_KEY_ID"),
        os.environ.get("AWS_SECRET_ACCESS_KEY"),
    )
    if not access or not secret:
        return None
    return Credentials(access, secret, os.environ.get("AWS_SESSION_TOKEN"))
