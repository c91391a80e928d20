"""A run on the page: its progress while it is under way, and what became of everything after."""

import json
from collections.abc import Callable
from typing import Final

from nicegui import ui

from pannier.batch.report import Failure
from pannier.batch.retrying import Judgement, Verdict
from pannier.console.elements import failure, heading, note, toolbar
from pannier.console.pages.batch.downloads import failures_file, items_file, leftovers_file
from pannier.console.pages.batch.figures import (
    attributes_text,
    count_rows,
    effort_rows,
    law,
    progress_rows,
    size,
)
from pannier.console.pages.batch.json_texts import pretty
from pannier.console.pages.batch.runs import Phase, Run
from pannier.console.pages.batch.single_call import SingleCall
from pannier.console.pages.batch.view.calls import show_calls
from pannier.console.pages.batch.view.items import show_items, show_missing
from pannier.console.pages.batch.view.tables import figures, turning
from pannier.console.pages.batch.view.texts import code

Refill = Callable[[str], None]
_FAILURES_SHOWN: Final = 500


def show_progress(run: Run) -> None:
    """A run under way."""
    report = run.report
    with ui.element("div").classes("pn-batch-progress").props('role="status"'):
        if report is None:
            ui.label("Sending one call" if run.is_single else "Asking for the tables")
            ui.linear_progress(show_value=False).props('indeterminate aria-label="Under way"')
            return
        done = report.done + report.superseded + report.skipped + report.failed
        share = done / run.draft.size if run.draft.size else 0.0
        bar = ui.linear_progress(min(share, 1.0), show_value=False)
        bar.props["aria-label"] = "Done"
        with ui.element("div").classes("pn-batch-tiles"):
            for name, value in progress_rows(report, run.elapsed_s):
                with ui.element("div").classes("pn-batch-tile"):
                    ui.label(value).classes("pn-batch-value")
                    ui.label(name).classes("pn-note")


def show_result(run: Run, refill: Refill) -> None:
    """A run that is over.

    Args:
        run: it.
        refill: puts a text into the editor.
    """
    with ui.element("div").classes("pn-batch-headline").props('role="status"'):
        icon, colour, words = _headline(run)
        ui.icon(icon).classes(colour).props('aria-hidden="true"')
        ui.label(f"{run.name}: {words}")
    if run.error is not None:
        failure(run.error)
    if isinstance(run, SingleCall):
        _single(run, refill)
    elif run.report is not None:
        report = run.report
        ui.label(law(report)).classes("pn-batch-law")
        if report.stopped:
            note(f"Stopped: {report.stopped}.")
        with ui.element("div").classes("pn-columns"):
            figures("What became of everything", count_rows(report))
            figures("What it took", effort_rows(report))
        _failures(run, refill)
    if run.found.items:
        show_items(run)
    if run.found.missing:
        show_missing(run)
    if run.found.items or run.found.left_out:
        _items_download(run)
    if run.recording.calls:
        show_calls(run.recording)


def _headline(run: Run) -> tuple[str, str, str]:
    good, bad = ("check_circle", "pn-good"), ("error", "pn-bad")
    if run.phase is Phase.BROKEN:
        return (*bad, "it could not be finished")
    if isinstance(run, SingleCall):
        judgement = run.judgement
        if judgement is None:
            return (*bad, "cancelled; the call may have had its effect")
        if judgement.verdict is not Verdict.DONE:
            return (*bad, f"refused: {judgement.reason.partition(': ')[0]}")
        left = run.recording.calls[-1].leftovers
        if left:
            return ("warning", "pn-warn", f"accepted, with {left:,} left unprocessed")
        return (*good, "accepted, and all of it was done")
    report = run.report
    if report is None:
        return (*bad, "cancelled before anything was sent")
    calls = f"{report.calls:,} call{'' if report.calls == 1 else 's'}"
    if report.ok:
        return (*good, f"all {report.read:,} are done, in {calls}")
    if run.phase is Phase.CANCELLED:
        return ("warning", "pn-warn", f"cancelled; {report.done:,} of {report.read:,} are done")
    return ("warning", "pn-warn", f"{report.done:,} of {report.read:,} are done, in {calls}")


def _single(run: SingleCall, refill: Refill) -> None:
    if not run.recording.calls:
        return
    call = run.recording.calls[-1]
    if run.judgement is not None and run.judgement.verdict is not Verdict.DONE:
        note(f"HTTP {call.status}. Nothing of the call was done.")
    else:
        note(
            f"HTTP {call.status}, {call.units:,.6g} units, {call.latency_s * 1000:.1f} ms, "
            f"{size(call.received_bytes)}."
        )
    if call.answer:
        code(pretty(call.answer), "The answer")
    left = _left_of(run.judgement) if run.judgement is not None else b""
    if left:
        note("An SDK leaves these to you. The batch engine would send them again.")
        with toolbar("What was left over"):
            _refill_button("Put what was left into the editor", left, refill)
            _download_button("Download it", left, "unprocessed.json")


def _left_of(judgement: Judgement) -> bytes:
    left = judgement.body.get("UnprocessedItems") or judgement.body.get("UnprocessedKeys")
    return json.dumps(left, indent=2).encode() + b"\n" if left else b""


def _failures(run: Run, refill: Refill) -> None:
    if not run.failures:
        return
    heading("What did not get through", 3)
    shown = run.failures[:_FAILURES_SHOWN]
    if len(run.failures) > len(shown):
        note(f"The first {len(shown):,} of {len(run.failures):,}; the file has all of them.")
    turning(
        "What did not get through",
        (
            ("line", "Line"),
            ("table", "Table"),
            ("kind", "Kind"),
            ("reason", "Reason"),
            ("key", "What"),
        ),
        [_failure_row(number, each) for number, each in enumerate(shown)],
        numbers=("line",),
    )
    with toolbar("Take them away"):
        _download_button("Download failures", failures_file(run.failures), "failures.jsonl")
        left = leftovers_file(run.failures, run.draft.options)
        if left.strip() != b"{}":
            _download_button("Download as a request", left, "leftovers.json")
            _refill_button("Put them into the editor", left, refill)


def _failure_row(number: int, each: Failure) -> dict[str, str | int]:
    return {
        "id": str(number),
        "line": each.origin.line or "",
        "table": each.table,
        "kind": each.kind,
        "reason": each.reason,
        "key": attributes_text(each.attributes),
    }


def _items_download(run: Run) -> None:
    with toolbar("Take the items away"):
        _download_button("Download items", items_file(run.found.items), "items.jsonl")
        if run.found.left_out:
            note(
                f"{run.found.left_out:,} more were found than are kept here; "
                "pannier get FILE --output items.jsonl writes all of them."
            )


def _download_button(text: str, content: bytes, name: str) -> None:
    ui.button(text, icon="download", on_click=lambda: ui.download.content(content, name)).props(
        "outline no-caps dense padding='xs md'"
    )


def _refill_button(text: str, content: bytes, refill: Refill) -> None:
    ui.button(text, icon="edit", on_click=lambda: refill(content.decode())).props(
        "outline no-caps dense padding='xs md'"
    )
