"""From a target's name to what a console needs of it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from pannier.batch.target import Target
from pannier.console.console import Console
from pannier.console.own_server import OwnServer
from pannier.errors import UserError
from pannier.library.aio import AsyncConnection
from pannier.storage.folder import DatabaseFolder, FolderHeldError
from pannier.targets.admin import AdminClient
from pannier.targets.own_certificate import own_certificate
from pannier.targets.read_only import ReadOnlyTarget
from pannier.targets.resolve import DEFAULT_FOLDER, is_loopback, resolve, target_name

_ALLOW: Final = "Start the console with --allow-writes to allow them."
_OPTION_OF: Final = {
    "throttle": "--throttle",
    "burst": "--burst",
    "faults": "--faults",
    "seed": "--fault-seed",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a console looks.

    Attributes:
        name: as it is shown.
        address: `aws`, or a URL.
        remote: whether it may be somebody else's: AWS, or a URL of another machine.
        admin: the admin API, where there is one.
        signed_in: whether visitors have to sign in.
    """

    name: str
    address: str
    remote: bool
    admin: AdminClient | None
    signed_in: bool = False

    def open(self, *, allow_writes: bool, shell: bool, folder: Path) -> Console:
        """The console of this place, on the event loop that runs.

        Args:
            allow_writes: also where that is not safe by itself.
            shell: whether there is a page with a command line.
            folder: for the files of that.
        """
        target: Target = resolve(self.address)
        read_only = self.remote and not allow_writes
        if read_only:
            target = ReadOnlyTarget(target, _ALLOW)
        return Console(
            name=self.name,
            address=self.address,
            connection=AsyncConnection(target),
            admin=self.admin,
            read_only=read_only,
            shell=shell,
            folder=folder,
            signed_in=self.signed_in,
        )


def of_server(url: str, *, signed_in: bool) -> Place:
    """The place of a server that has started this console itself, wherever it listens.

    Args:
        url: the server's.
        signed_in: whether visitors have to sign in.
    """
    return Place(resolve(url).name, url, False, AdminClient(url), signed_in)


@contextmanager
def place(given: str | None) -> Iterator[Place]:
    """The place that a target's name means, for as long as the block runs.

    A folder that nobody serves, and memory, get a server of the console's own meanwhile.

    Raises:
        UserError: the name means nothing, or the target can't be had.
    """
    name = target_name(given)
    if name == "aws" or "://" in name:
        yield _elsewhere(name)
        return
    kind, _, query = name.partition("?")
    if kind == "memory":
        with OwnServer(["--memory", *_options(query)]) as server:
            yield Place(
                "memory (gone when the console ends)", server.url, False, _admin(server.url)
            )
        return
    if kind != "local" and not kind.startswith("local:"):
        resolve(name)  # says what there is
    path = Path(kind.partition(":")[2] or DEFAULT_FOLDER)
    url = _served_at(path)
    if url is not None:
        if query:
            raise UserError(
                f"{path} is served at {url}, so its options are set there",
                "Leave them out, and use the page Capacity and faults.",
            )
        certificate = own_certificate(path, url)
        if certificate is not None:  # for every page, and for what the shell's page runs
            os.environ["AWS_CA_BUNDLE"] = str(certificate.absolute())
        yield Place(f"local ({path}, served at {url})", url, False, _admin(url))
        return
    with OwnServer(["--path", str(path), *_options(query)]) as server:
        shown = f"local ({path}, served at {server.url})"
        yield Place(shown, server.url, False, _admin(server.url))


def _elsewhere(name: str) -> Place:
    target = resolve(name)  # says at once what is wrong with it
    remote = name == "aws" or not is_loopback(name)
    return Place(target.name, name, remote, None if remote else _admin(name))


def _served_at(path: Path) -> str | None:
    try:
        DatabaseFolder(path).close()
    except FolderHeldError as held:
        if held.url is None:
            raise
        return held.url
    return None


def _admin(url: str) -> AdminClient | None:
    client = AdminClient(url)
    try:
        client.get("")
    except UserError:
        return None
    return client


def _options(query: str) -> list[str]:
    options: list[str] = []
    for part in query.split("&") if query else ():
        name, equals, value = part.partition("=")
        if name not in _OPTION_OF or not equals:
            raise UserError(
                f"there is no option {part!r} of a target", f"There are {', '.join(_OPTION_OF)}."
            )
        options += [_OPTION_OF[name], unquote(value)]
    return options
