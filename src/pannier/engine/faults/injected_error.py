"""The error that a rule answers to one request."""

from collections.abc import Sequence
from typing import Any, Final

from pannier.engine import messages
from pannier.engine.faults.effects import Error
from pannier.engine.faults.named_errors import InjectedError
from pannier.engine.faults.subjects import Subject

_CANCELED: Final = "TransactionCanceledException"
_REASONS: Final = "CancellationReasons"
_CONFLICT: Final = {"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"}


def injected_error(effect: Error, subjects: Sequence[Subject]) -> InjectedError:
    """The error of a rule.

    A cancelled transaction has a reason for each action: unless the rule names them, the first one
    met a conflict.

    Args:
        effect: the rule's.
        subjects: what the request is about.
    """
    fields, message = dict(effect.fields), effect.message
    if effect.name == _CANCELED:
        reasons: list[dict[str, Any]] = [_CONFLICT, *({"Code": "None"} for _ in subjects[1:])]
        reasons = fields.setdefault(_REASONS, reasons)
        if message is None:
            message = messages.transaction_cancelled([_code(each) for each in reasons])
    return InjectedError(effect.name, message, effect.status, fields)


def _code(reason: Any) -> str:
    return str(reason.get("Code", "None")) if isinstance(reason, dict) else "None"
