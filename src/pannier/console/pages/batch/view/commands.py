"""What is too large for the editor is no problem for the command line: here is the command."""

from nicegui import ui

from pannier.console.console import Console
from pannier.console.elements import heading, note, notify_done
from pannier.console.pages.batch.desk import Desk
from pannier.console.pages.batch.drafts import TEXT_BYTES_MAX
from pannier.console.pages.batch.uploads import commands_for
from pannier.console.pages.batch.view.texts import code
from pannier.limits import KIB


def show_commands(console: Console, desk: Desk, name: str) -> None:
    """Open a dialog with the commands that take a file of any size.

    Args:
        console: whose target is meant.
        desk: which table items go to.
        name: of the file; empty if it is not in one yet.
    """
    title = "Too large for the editor"
    with ui.dialog() as dialog, ui.card().classes("pn-batch-dialog"):
        dialog.props["aria-label"] = title
        heading(title)
        ui.label(
            f"The editor takes {TEXT_BYTES_MAX // KIB} KB. The command line takes files of any "
            "size, in flat memory."
        )
        if not name:
            note("Save the text as a file first.")
        for what, command in commands_for(name or "FILE", desk.table, console.address):
            heading(what, 3)
            with ui.element("div").classes("pn-batch-command"):
                code(command, what)
                _copy_button(command, what)
        with ui.element("div").classes("pn-batch-dialog-foot"):
            ui.button("Close", on_click=dialog.close).props("outline no-caps autofocus")
    dialog.on("hide", dialog.delete)
    dialog.open()


def _copy_button(command: str, what: str) -> None:
    def copy() -> None:
        ui.clipboard.write(command)
        notify_done("Copied.")

    button = ui.button(icon="content_copy", on_click=copy).props("flat round dense")
    button.props["aria-label"] = f"Copy: {what}"
