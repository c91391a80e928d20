"""JSON as it is shown: in a dialog, or on its own; always as text, never as markup."""

from collections.abc import Sequence

from nicegui import ui

from pannier.console.elements import heading
from pannier.console.pages.batch.json_texts import pretty


def code(text: str, label: str) -> ui.label:
    """Some text with fixed pitch, which scrolls inside itself."""
    shown = ui.label(text).classes("pn-batch-code")
    shown.props["tabindex"] = "0"
    shown.props["role"] = "region"
    shown.props["aria-label"] = label
    return shown


def show_texts(title: str, parts: Sequence[tuple[str, bytes]]) -> None:
    """Open a dialog with one or more pieces of JSON.

    Args:
        title: of the dialog.
        parts: a heading and the JSON of each.
    """
    with ui.dialog() as dialog, ui.card().classes("pn-batch-dialog"):
        dialog.props["aria-label"] = title
        with ui.element("div").classes("pn-batch-dialog-head"):
            heading(title)
            close = ui.button(icon="close", on_click=dialog.close)
            close.props('flat round dense autofocus aria-label="Close"')
        with ui.element("div").classes("pn-columns pn-batch-parts"):
            for head, text in parts:
                with ui.element("div").classes("pn-batch-part"):
                    heading(head, 3)
                    if text:
                        code(pretty(text), head)
                    else:
                        ui.label("Not kept, or none came.").classes("pn-note")
    dialog.on("hide", dialog.delete)
    dialog.open()
