"""Request tokens: a transaction that is sent again is not done again.

Rules (service model, `ClientRequestToken`; what is captured on AWS says so):

* a token is known for ten minutes after the request that used it has succeeded; one that failed
  leaves no token behind (Developer Guide, "Idempotency");
* the same token with the same actions succeeds, and writes nothing. The order of members in the
  JSON does not matter (seen on AWS), nor does what the answer shall show: only the actions count;
* the same token with other actions is an error;
* such an answer's capacity is that of reading the items again, transactionally, in the sizes that
  the first request met (captured on AWS): twice `ceil(bytes / 4096)` for each;
* tokens belong to one operation (inferred from what AWS does with ExecuteTransaction).

What was deleted is still searched through until RocksDB has cleared it away, so it is known where
the first expiry can lie (`TokenExpiries`): else each transaction would be slower than the last.

A token lies in the store, written in the same group as what it stands for, so it is there exactly
if the writes are. Expired ones go when the next is remembered:

```
token/<operation>/<token>            {"digest", "expires_ms", "reads": {table: units}}
token-expiry/<expires_ms><the rest>  the key above
```
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import orjson

from pannier.engine import messages
from pannier.engine.rows import CATALOG_SPACE
from pannier.errors import IdempotentParameterMismatchException
from pannier.limits import TOKEN_LIFETIME_S
from pannier.storage.store import Group, Store

if TYPE_CHECKING:
    from pannier.engine.database import Database

TOKEN_PREFIX: Final = CATALOG_SPACE + b"token/"
EXPIRY_PREFIX: Final = CATALOG_SPACE + b"token-expiry/"
_EXPIRY_BYTES: Final = 8
_FORGOTTEN_AT_ONCE_MAX: Final = 100


class TokenExpiries:
    """Where the expiry of the first token lies, at the earliest.

    Attributes:
        begin: no token's entry has a smaller key, those aside whose removal was refused.
    """

    def __init__(self) -> None:
        self.begin = EXPIRY_PREFIX


@dataclass(frozen=True, slots=True)
class RequestToken:
    """A token and the request that it came with.

    Attributes:
        key: under which it is kept.
        digest: of the request.
    """

    key: bytes
    digest: str


def request_token(operation: str, token: str, actions: object) -> RequestToken:
    """The token of a request.

    Args:
        operation: the operation's name in the API.
        token: the `ClientRequestToken`.
        actions: what the request asks for, checked; JSON.
    """
    digest = sha256(orjson.dumps(actions, option=orjson.OPT_SORT_KEYS)).hexdigest()
    return RequestToken(TOKEN_PREFIX + f"{operation}/{token}".encode(), digest)


def recall(database: "Database", token: RequestToken) -> Mapping[str, float] | None:
    """The read units by table that a request sent again consumes; None if the token is new.

    Raises:
        IdempotentParameterMismatchException: the token is known for another request.
    """
    record = _record(database.store, token.key)
    if record is None or record["expires_ms"] <= _now_ms(database):
        return None
    if record["digest"] != token.digest:
        raise IdempotentParameterMismatchException(messages.REPEATED_DIFFERENTLY)
    reads: dict[str, float] = record["reads"]
    return reads


def remember(
    database: "Database", token: RequestToken, reads: Mapping[str, float], group: Group
) -> None:
    """Add a token to the group of what it stands for, and remove expired ones.

    Args:
        database: has the clock, and the tokens known.
        token: the token.
        reads: the units by table for `recall`.
        group: gets the changes; the caller writes it.
    """
    now_ms = _now_ms(database)
    expiries = database.token_expiries
    _forget_expired(database.store, expiries, now_ms, group)
    expires_ms = now_ms + TOKEN_LIFETIME_S * 1000
    expiry_key = _expiry_bound(expires_ms) + token.key
    expiries.begin = min(expiries.begin, expiry_key)  # the clock may have gone back
    record = {"digest": token.digest, "expires_ms": expires_ms, "reads": reads}
    group.put(token.key, orjson.dumps(record))
    group.put(expiry_key, token.key)


def _forget_expired(store: Store, expiries: TokenExpiries, now_ms: int, group: Group) -> None:
    stop = _expiry_bound(now_ms + 1)
    expired = list(islice(store.range(expiries.begin, stop), _FORGOTTEN_AT_ONCE_MAX))
    if expired:
        expiries.begin = expired[-1][0] + b"\0"
    for expiry_key, key in expired:
        group.delete(expiry_key)
        record = _record(store, key)
        if record is not None and record["expires_ms"] <= now_ms:  # else it was used anew since
            group.delete(key)


def _record(store: Store, key: bytes) -> dict[str, Any] | None:
    record = store.get(key)
    return orjson.loads(record) if record is not None else None


def _expiry_bound(expires_ms: int) -> bytes:
    return EXPIRY_PREFIX + max(expires_ms, 0).to_bytes(_EXPIRY_BYTES, "big")


def _now_ms(database: "Database") -> int:
    return int(database.clock() * 1000)
