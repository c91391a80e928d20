"""Asks a server whether credentials are its own, and have all rights: only these may administer."""

import asyncio

from pannier.batch.target import TargetUnreachableError
from pannier.console.sign_in import Check, Verdict
from pannier.errors import UserError
from pannier.targets.admin import AdminClient
from pannier.targets.signing import Credentials

_DENIED = "is not authorized to perform"  # AWS's words for known credentials without the right


def checked_by(url: str) -> Check:
    """Asks the server at a URL."""

    def check(access_key_id: str, secret: str) -> Verdict:
        if not (access_key_id.isascii() and access_key_id.isalnum() and secret):
            return Verdict.WRONG
        try:
            AdminClient(url, credentials=Credentials(access_key_id, secret)).get("")
        except TargetUnreachableError:
            return Verdict.UNKNOWN
        except UserError as error:
            return Verdict.LIMITED if _DENIED in error.message else Verdict.WRONG
        return Verdict.RIGHT

    async def in_thread(access_key_id: str, secret: str) -> Verdict:
        return await asyncio.to_thread(check, access_key_id, secret)

    return in_thread
