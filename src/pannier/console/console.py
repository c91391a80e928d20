"""What all pages of a console share: the target, what may be done to it, and who is asked."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pannier.library.aio import AsyncConnection
from pannier.targets.admin import AdminClient

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Console:
    """One console.

    Attributes:
        name: the target as it is shown, e.g. `local (.pannier, served at http://127.0.0.1:8000)`.
        address: the target for other programs: `aws`, or a URL.
        connection: to the target, on the console's event loop. Of a read-only console it refuses
            whatever would change something, jobs included.
        admin: the admin API of a `pannier serve` on this machine; None for any other target.
        read_only: whether changes are refused.
        shell: whether the page with the command line is there.
        folder: where the command line's files are.
        signed_in: whether visitors have signed in, and so can sign out.
    """

    name: str
    address: str
    connection: AsyncConnection
    admin: AdminClient | None
    read_only: bool
    shell: bool
    folder: Path
    signed_in: bool = False

    async def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Call any operation of the DynamoDB API, in its JSON form.

        Raises:
            CallError: the service's error.
            UserError: the target can't be reached, or the console is read-only.
        """
        return await self.connection.call(operation, request)

    async def in_thread(self, work: Callable[[], _Result]) -> _Result:
        """Do something that blocks, such as asking `admin` or CloudWatch."""
        return await asyncio.to_thread(work)
