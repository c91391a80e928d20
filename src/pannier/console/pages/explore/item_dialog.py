"""One item: looked at, edited as plain or DynamoDB JSON, saved, duplicated, deleted."""

import asyncio
import json
from contextlib import suppress
from typing import Any, Final

from nicegui import ui

from pannier.console.console import Console
from pannier.console.dialogs import confirmed, dialog, dialog_actions
from pannier.console.elements import note, notify_done
from pannier.console.frame import is_dark
from pannier.console.pages.explore.cells import cell_text
from pannier.console.pages.explore.conflict import Decision, decided
from pannier.console.pages.explore.item_text import Form, TextError, item_of, text_of
from pannier.console.pages.explore.layout import Layout
from pannier.console.pages.explore.saving import (
    ChangedError,
    ExistsError,
    put_changed,
    put_new,
)
from pannier.console.quantities import counted
from pannier.limits import WRITE_UNIT_BYTES
from pannier.model.attribute_value import Item

_FORMS: Final[dict[Form, str]] = {"plain": "Plain JSON", "dynamodb": "DynamoDB JSON"}
_AT_ONCE_SIGNS_MAX: Final = 50_000
_PAUSE_S: Final = 0.4
_HIDING_S_MAX: Final = 2.0
_DUPLICATE: Final = "duplicate"
_EMPTY: Final = {"S": "", "N": "0", "B": ""}
_LABEL: Final = """getElement(ID).editorPromise.then((editor) => {
  editor.contentDOM.setAttribute("aria-label", TEXT);
  editor.contentDOM.setAttribute("tabindex", "0");
  editor.focus();
  requestAnimationFrame(() => { editor.scrollDOM.scrollTop = 0; });
  editor.setTabFocusMode(true);  // Tab leaves the editor, as it leaves any other field
})"""


class ItemDialog:
    """A dialog for an item, or for a new one.

    Args:
        console: whose.
        layout: of the table.
        original: the item as it was read, with all its attributes; None for a new one.
        copied: what a new item begins with.
    """

    def __init__(
        self,
        console: Console,
        layout: Layout,
        original: Item | None = None,
        copied: Item | None = None,
    ) -> None:
        self._console = console
        self._layout = layout
        self._original = original
        first = original or copied or self._template()
        self._form: Form = "plain"
        # The types that plain JSON does not say are those of this item.
        self._reference = first
        self._item: Item | None = None
        self._is_copy = copied is not None
        self._version = 0

    async def asked(self) -> bool:
        """Show it; whether something was changed."""
        dark = await is_dark()
        title = self._title()
        hidden = asyncio.Event()
        with dialog(title, wide=True, on_hidden=hidden.set) as self._box:
            self._head()
            self._editor = ui.codemirror(
                text_of(self._reference, self._form),
                on_change=self._typed,
                language="JSON",
                theme="githubDark" if dark else "githubLight",
                indent="  ",
                line_wrapping=True,
            ).classes("pn-editor")
            ui.run_javascript(
                _LABEL.replace("ID", str(self._editor.id)).replace("TEXT", json.dumps(title))
            )
            self._state = ui.label().props("role=status")
            self._hint = note("")
            self._actions()
            self._check()
        answer: Any = await self._box
        if answer == _DUPLICATE:
            with suppress(TimeoutError):  # of the two, the one that opens keeps the focus
                await asyncio.wait_for(hidden.wait(), _HIDING_S_MAX)
            copied = self._item or self._original
            return await ItemDialog(self._console, self._layout, copied=copied).asked()
        return answer is True

    def _title(self) -> str:
        if self._original is not None:
            return "Item"
        return "Duplicate item" if self._is_copy else "New item"

    def _template(self) -> Item:
        schema = self._layout.schema
        return {name: {kind: _EMPTY[kind]} for name, kind in schema.attributes}

    def _head(self) -> None:
        with ui.element("div").classes("pn-toolbar"):
            self._forms = ui.radio(_FORMS, value=self._form, on_change=self._change_form)
            self._forms.props('inline dense aria-label="Written as"')
        if self._is_copy:
            note("Change the key: a duplicate needs one of its own.")

    def _actions(self) -> None:
        writes = not self._console.read_only
        with dialog_actions():
            if self._original is not None:
                delete = ui.button("Delete", on_click=self._delete)
                delete.props("outline no-caps").classes("pn-danger").set_enabled(writes)
                copy = ui.button("Duplicate", on_click=lambda: self._box.submit(_DUPLICATE))
                copy.props("outline no-caps").set_enabled(writes)
            ui.button("Cancel", on_click=self._box.close).props("flat no-caps")
            self._save_button = ui.button("Save", on_click=self._save)
            self._save_button.props("no-caps unelevated")

    # The text

    async def _typed(self) -> None:
        """Check the text; a very long one when the reader pauses, as that takes a while."""
        self._version += 1
        mine = self._version
        if len(self._editor.value) > _AT_ONCE_SIGNS_MAX:
            await asyncio.sleep(_PAUSE_S)
            if mine != self._version or self._editor.is_deleted:
                return
        self._check()

    def _check(self) -> None:
        """Say what is wrong with the text, or how large the item is."""
        try:
            self._item, size = item_of(
                self._editor.value, self._form, self._layout.schema, self._reference
            )
        except TextError as error:
            self._item = None
            where = f"Line {error.line}: " if error.line else ""
            self._say(f"{where}{error.message}", error.advice, bad=True)
        else:
            units = counted(-(-size // WRITE_UNIT_BYTES), "write unit")
            self._say(f"{counted(size, 'byte')}, {units}", self._about_key())
        writes = not self._console.read_only
        self._save_button.set_enabled(self._item is not None and writes)

    def _about_key(self) -> str:
        if self._original is None or self._item is None or not self._key_changed():
            return ""
        return "This is another key: saving makes another item, and this one stays as it is."

    def _key_changed(self) -> bool:
        schema = self._layout.schema
        assert self._original is not None
        assert self._item is not None
        return schema.key_of(self._item) != schema.key_of(self._original)

    def _say(self, text: str, hint: str = "", *, bad: bool = False) -> None:
        self._state.set_text(text)
        self._state.classes(remove="pn-bad pn-note", add="pn-bad" if bad else "pn-note")
        self._hint.set_text(hint)
        self._hint.set_visibility(bool(hint))

    def _change_form(self) -> None:
        wanted: Form = "dynamodb" if self._forms.value == "dynamodb" else "plain"
        if wanted == self._form:
            return
        self._check()
        if self._item is None:  # what can't be read can't be written otherwise
            self._forms.set_value(self._form)
            return
        self._reference = self._item
        self._form = wanted
        self._editor.set_value(text_of(self._item, wanted))

    # What is done

    async def _save(self) -> None:
        self._check()
        item = self._item
        if item is None:
            return
        self._save_button.props("loading")
        try:
            if self._original is None or self._key_changed():
                await self._put_new(item)
            else:
                await self._put_changed(item)
        finally:
            self._save_button.props(remove="loading")

    async def _put_new(self, item: Item) -> None:
        try:
            await put_new(self._console.call, self._layout.table, self._layout.schema, item)
        except ExistsError:
            key = self._layout.schema.key_of(item)
            self._say(
                f"There is an item with the key {_key_text(key)} already.",
                "Change the key; or open that item to change it.",
                bad=True,
            )
            return
        self._done("saved")

    async def _put_changed(self, item: Item) -> None:
        assert self._original is not None
        table, schema = self._layout.table, self._layout.schema
        try:
            await put_changed(self._console.call, table, schema, self._original, item)
        except ChangedError as changed:
            await self._decide(changed.current, item)
            return
        self._done("saved")

    async def _decide(self, current: Item | None, item: Item) -> None:
        decision = await decided(current, item)
        if decision is Decision.MINE:
            if current is None:
                self._original = None
                await self._put_new(item)
            else:
                self._original = current
                await self._put_changed(item)
        elif decision is Decision.THEIRS and current is not None:
            self._original = self._reference = current
            self._editor.set_value(text_of(current, self._form))
        elif decision is Decision.THEIRS:
            self._box.submit(True)

    async def _delete(self) -> None:
        assert self._original is not None
        key = self._layout.schema.key_of(self._original)
        if await confirmed("Delete item", f"{_key_text(key)}. There is no way back.", "Delete"):
            request = {"TableName": self._layout.table, "Key": key}
            await self._console.call("DeleteItem", request)
            self._done("deleted")

    def _done(self, what: str) -> None:
        notify_done(f"The item is {what}")
        self._box.submit(True)


def _key_text(key: Item) -> str:
    return ", ".join(f"{name} = {cell_text(value)}" for name, value in key.items())
