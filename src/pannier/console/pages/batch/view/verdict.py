"""What is known of the text before it is run: problems, the answer to one call, and the plan."""

from collections.abc import Awaitable, Callable
from typing import Final

from nicegui import ui

from pannier.console.elements import empty, heading, note
from pannier.console.pages.batch.checked import Checked
from pannier.console.pages.batch.drafts import Draft, Problem, What
from pannier.console.pages.batch.figures import assumption, plan_rows
from pannier.console.pages.batch.guessed_table import guessed_table, words_of
from pannier.console.pages.batch.view.tables import figures
from pannier.limits import BATCH_GET_KEYS_MAX, BATCH_WRITE_OPERATIONS_MAX

_SHOWN_PROBLEMS: Final = 50
_WORDS_MAX: Final = 320
_BEGINNING: Final = 90
_ENDING: Final = 190
Jump = Callable[[int, int], None]
Create = Callable[[str], Awaitable[None]]
Look = Callable[[], Awaitable[None]]


def show_status(checked: Checked) -> None:
    """One line: what the text is."""
    draft = checked.draft
    errors = sum(each.is_error for each in checked.problems)
    notes = len(checked.problems) - errors
    with ui.element("div").classes("pn-batch-status").props('role="status"'):
        if errors:
            ui.icon("error").classes("pn-bad").props('aria-hidden="true"')
        elif notes:
            ui.icon("info").classes("pn-warn").props('aria-hidden="true"')
        elif draft.what is not What.NOTHING:
            ui.icon("check_circle").classes("pn-good").props('aria-hidden="true"')
        ui.label(_status(draft, errors, notes))


def show_problems(checked: Checked, jump: Jump) -> None:
    """All problems; pressing one goes to its line."""
    if not checked.problems:
        return
    with ui.element("ul").classes("pn-batch-problems").props('aria-label="Problems"'):
        for each in checked.problems[:_SHOWN_PROBLEMS]:
            _problem(each, jump)
        more = len(checked.problems) - _SHOWN_PROBLEMS
        if more > 0:
            with ui.element("li"):
                note(f"and {more:,} more")


def show_verdict(checked: Checked, create: Create | None, look: Look) -> None:
    """What one call would be answered, what the batch engine does instead, and the plan.

    Args:
        checked: the text.
        create: creates a missing table; None where that is not allowed.
        look: looks up what the tables have, and plans again.
    """
    draft = checked.draft
    if draft.what is What.NOTHING:
        empty("Nothing to check yet", "Take an example, upload a file, or paste a request.")
        return
    if draft.what is What.UNREADABLE or (not draft.tables and checked.answer is None):
        empty("Nothing to plan yet", "Put right what is wrong with the text first.")
        return
    _as_one_call(checked)
    for table in checked.missing:
        _missing_table(checked, table, create)
    if checked.plan is not None:
        heading("Plan", 3)
        figures("The plan", plan_rows(checked.plan))
        if not checked.plan.looked_up_units:
            button = ui.button("Look at the table first", icon="manage_search", on_click=look)
            button.props("outline no-caps dense padding='xs md'").classes("pn-batch-alone")
            button.tooltip("Reads the keys of the request, so that overwrites are known")
        with ui.expansion("What the plan assumes").classes("pn-batch-assumes").props("dense"):
            for each in checked.plan.all_assumptions:
                note(f"{each.about}: {assumption(each.text)}")


def _status(draft: Draft, errors: int, notes: int) -> str:
    if draft.what is What.NOTHING:
        return "The editor is empty."
    if draft.what is What.UNREADABLE:
        return "This can't be read."
    noun = "key" if draft.is_read else "operation"
    tables = ", ".join(draft.tables) or "no table"
    plural = "" if draft.size == 1 else "s"
    said = f"{draft.what.value.capitalize()}: {draft.size:,} {noun}{plural} on {tables}"
    found = [
        f"{count:,} {word}{'' if count == 1 else 's'}"
        for count, word in ((errors, "problem"), (notes, "note"))
        if count
    ]
    return f"{said}; {', '.join(found)}" if found else f"{said}; no problems"


def _problem(each: Problem, jump: Jump) -> None:
    with ui.element("li"):
        button = ui.element("button").classes("pn-batch-problem")
        button.props["type"] = "button"
        button.on("click", lambda: jump(each.line, each.column))
        with button:
            icon, colour = ("error", "pn-bad") if each.is_error else ("info", "pn-warn")
            ui.icon(icon).classes(colour).props('aria-hidden="true"')
            ui.label(f"Line {each.line}").classes("pn-batch-line")
            with ui.element("span").classes("pn-batch-words"):
                ui.label(each.text)
                if each.path:
                    ui.label(each.path).classes("pn-note pn-batch-path")


def _as_one_call(checked: Checked) -> None:
    answer, draft = checked.answer, checked.draft
    operation, most = "BatchWriteItem", BATCH_WRITE_OPERATIONS_MAX
    if draft.is_read:
        operation, most = "BatchGetItem", BATCH_GET_KEYS_MAX
    with ui.element("div").classes("pn-batch-verdicts"):
        if answer is not None:
            with ui.element("div").classes("pn-batch-verdict"):
                heading(f"As one {operation}", 3)
                if answer.accepted:
                    _sign("check_circle", "pn-good", "Accepted")
                    note(f"{draft.size:,} of at most {most} in a call.")
                else:
                    _sign("block", "pn-bad", f"Refused: {answer.error}")
                    _words(answer.message)
                    note("AWS refuses the whole call then, and nothing of it is done.")
        with ui.element("div").classes("pn-batch-verdict"):
            heading("By Pannier", 3)
            _by_pannier(checked)


def _by_pannier(checked: Checked) -> None:
    plan = checked.plan
    if plan is None:
        why = "Not yet: a table is missing" if checked.missing else "Nothing in it can be sent"
        _sign("block", "pn-bad", why)
        return
    good = checked.draft.size - plan.items.get("failed", 0)
    calls = f"{plan.calls:,} call{'' if plan.calls == 1 else 's'}"
    if not good:
        _sign("block", "pn-bad", "Nothing in it can be sent")
    else:
        _sign("check_circle", "pn-good", f"{good:,} in {calls}")
    failed = plan.items.get("failed", 0)
    if failed:
        note(f"{failed:,} would be listed as failed, with line and reason.")
    superseded = plan.items.get("superseded", 0)
    if superseded:
        note(f"{superseded:,} superseded by a later write of the same key.")


def _missing_table(checked: Checked, table: str, create: Create | None) -> None:
    sample = next((e.element for e in checked.draft.entries if e.element.table == table), None)
    attributes = getattr(sample, "attributes", None)
    is_key = checked.draft.is_read or getattr(sample, "kind", "") == "delete"
    request = (
        guessed_table(table, attributes, is_key=is_key) if isinstance(attributes, dict) else None
    )
    with ui.element("div").classes("pn-empty"):
        ui.label(f"There is no table {table} here").classes("pn-empty-title")
        if request is None or create is None:
            ui.label("Create it on the page Tables.")
            return
        make = create
        ui.label(f"It could look like this: {words_of(request)}.")
        ui.button(f"Create {table}", on_click=lambda: make(table)).props("outline no-caps")


def _sign(icon: str, colour: str, text: str) -> None:
    with ui.element("div").classes(f"pn-batch-sign {colour}"):
        ui.icon(icon).props('aria-hidden="true"')
        ui.label(text)


def _words(text: str) -> None:
    shown = text
    if len(text) > _WORDS_MAX:  # the service repeats the whole request in some of them
        shown = f"{text[:_BEGINNING]} … {text[-_ENDING:]}"
    ui.label(shown).classes("pn-code")
