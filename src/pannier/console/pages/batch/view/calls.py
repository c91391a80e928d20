"""The calls of a run, each with its request and answer."""

from typing import Any, Final

from pannier.console.elements import heading, note
from pannier.console.pages.batch.figures import size
from pannier.console.pages.batch.view.tables import turning
from pannier.console.pages.batch.view.texts import show_texts
from pannier.targets.recording import Call, RecordingTarget

_COLUMNS: Final = (
    ("number", "Call"),
    ("operations", "Sent"),
    ("outcome", "Answer"),
    ("leftovers", "Left over"),
    ("units", "Units"),
    ("latency", "Latency, ms"),
    ("sent", "Request"),
    ("received", "Response"),
)
_NUMBERS: Final = ("number", "operations", "leftovers", "units", "latency", "sent", "received")


def show_calls(recording: RecordingTarget) -> None:
    """The calls of a run."""
    heading("Calls", 3)
    if recording.count > len(recording.calls):
        note(f"The last {len(recording.calls):,} of {recording.count:,}.")
    by_number = {str(each.number): each for each in recording.calls}

    def opened(number: str) -> None:
        call = by_number[number]
        show_texts(
            f"Call {number}: {call.operation}",
            (("Request", call.request), ("Answer", call.answer)),
        )

    turning(
        "Calls",
        _COLUMNS,
        [_row(each) for each in recording.calls],
        button="Request and answer",
        opened=opened,
        numbers=_NUMBERS,
    )


def _row(call: Call) -> dict[str, Any]:
    status = f"{call.status} " if call.status else ""
    return {
        "id": str(call.number),
        "number": call.number,
        "operations": call.operations,
        "outcome": f"{status}{call.outcome.partition(': ')[0]}",
        "leftovers": call.leftovers,
        "units": f"{call.units:,.6g}",
        "latency": f"{call.latency_s * 1000:.1f}",
        "sent": size(call.sent_bytes),
        "received": size(call.received_bytes),
    }
