"""Credentials that a server knows, in memory.

A secret is never shown: a credential's `repr` leaves it out, and no error names it.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Final

_SECRET_BYTES: Final = 30


@dataclass(frozen=True, slots=True)
class Credential:
    """One pair of keys, and what it may be used for.

    Attributes:
        name: of whoever has it; errors name it as AWS names a user.
        access_key_id: public, in every signed request.
        secret_access_key: what requests are signed with.
        read_only: whether only operations that change nothing are allowed.
        table_prefixes: only tables whose name begins with one of these; empty for all tables.
    """

    name: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
    read_only: bool = False
    table_prefixes: tuple[str, ...] = ()

    @property
    def has_all_rights(self) -> bool:
        """Whether nothing is forbidden."""
        return not self.read_only and not self.table_prefixes

    def may_name(self, table: str) -> bool:
        """Whether a table of this name is within the rights."""
        return not self.table_prefixes or table.startswith(self.table_prefixes)


class CredentialStore:
    """The credentials of one server, by access key id.

    Args:
        credentials: no access key id twice.
    """

    def __init__(self, credentials: Iterable[Credential] = ()) -> None:
        self._added: dict[str, Credential] = {}
        self._by_id: dict[str, Credential] = {}
        self._nobody = secrets.token_urlsafe(_SECRET_BYTES).encode()
        self.replace(credentials)

    def __len__(self) -> int:
        return len(self._by_id)

    def find(self, access_key_id: str) -> Credential | None:
        """The credential of an access key id."""
        return self._by_id.get(access_key_id)

    def matches(self, access_key_id: str, secret: str) -> Credential | None:
        """The credential of which both keys are given; takes as long for an id that is unknown."""
        credential = self._by_id.get(access_key_id)
        known = self._nobody if credential is None else credential.secret_access_key.encode()
        same = compare_digest(secret.encode("utf-8", "surrogatepass"), known)
        return credential if same else None

    def add(self, credential: Credential) -> None:
        """Know one more, which is in no file and outlasts `replace`: for a process of one's own.

        Raises:
            ValueError: its access key id is known already.
        """
        if credential.access_key_id in self._by_id:
            raise ValueError("this access key id is known already")
        self._added[credential.access_key_id] = credential
        self._by_id[credential.access_key_id] = credential

    def replace(self, credentials: Iterable[Credential]) -> None:
        """Know these instead of those that were given before; what was added stays."""
        by_id = {each.access_key_id: each for each in credentials}
        self._by_id = by_id | self._added
