"""Is a refused read the fault of a key, or of the request?

A projection that is no expression is refused whatever the key is. Taking such batches apart would
take two calls for each key. So where the service has accepted no call on a table yet, its first
refusal is followed by a *control*: the same request for a key that is made up. If that is accepted,
some key is at fault. If it is refused, the request is.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from pannier.batch.prepared import PreparedKey, prepare_key
from pannier.model.key_schema import KeySchema

_VALUES: Final = {"S": "pannier", "N": "0", "B": "AA=="}


class Control:
    """What is known of the requests of a job's tables.

    Attributes:
        unproven: tables of refused calls, on which no call was accepted yet. While there are any,
            nothing is sent but the control.
        in_flight: whether the control is on its way.
        refused: keys of the calls that were refused meanwhile, with the service's words.
    """

    def __init__(self) -> None:
        self.unproven: set[str] = set()
        self.in_flight = False
        self.refused: list[tuple[Sequence[PreparedKey], str]] = []
        self._accepted: set[str] = set()

    def accepted(self, tables: Iterable[str]) -> None:
        """The service accepted a call on these tables."""
        self._accepted.update(tables)

    def suspects(self, tables: Collection[str], keys: Sequence[PreparedKey], reason: str) -> bool:
        """Note a refused call; says whether a control has to show first what is at fault."""
        unproven = set(tables) - self._accepted
        if unproven:
            self.unproven |= unproven
            self.refused.append((keys, reason))
        return bool(unproven)

    def resolve(self) -> list[tuple[Sequence[PreparedKey], str]]:
        """The control was answered; returns the refused calls that waited for that."""
        refused, self.refused = self.refused, []
        self._accepted |= self.unproven
        self.unproven = set()
        self.in_flight = False
        return refused


def made_up_key(table: str, schema: KeySchema) -> PreparedKey:
    """A key that fits a table, and hardly exists."""
    key = {each.name: {each.kind: _VALUES[each.kind]} for each in schema.attributes}
    return prepare_key(table, key, schema)
