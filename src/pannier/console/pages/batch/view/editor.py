"""The editor: text in, by hand, from a file or from the examples, with its problems marked."""

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Final
from urllib.parse import urlencode

from nicegui import ui
from nicegui.events import UploadEventArguments

from pannier.console.console import Console
from pannier.console.elements import notify_failure, toolbar
from pannier.console.frame import BATCH, once_shown
from pannier.console.pages.batch.desk import EDITOR_NAME, EDITOR_TITLE, Desk
from pannier.console.pages.batch.drafts import TEXT_BYTES_MAX, Problem, Use
from pannier.console.pages.batch.examples import EXAMPLES, Example
from pannier.console.pages.batch.uploads import UPLOAD_BYTES_MAX, TooLargeError, text_of
from pannier.console.pages.batch.view.commands import show_commands
from pannier.errors import PannierError

_LABEL: Final = "Request or items"
_TOO_LARGE: Final = "pn-batch-too-large"
_MARKED_MAX: Final = 100
_USES: Final = {Use.PUT: "put", Use.DELETE: "deleted by key", Use.GET: "read by key"}
# Its colours follow the page's, its text has a name, and what is too large is not pasted at all.
_PREPARE: Final = """
const e = getElement(%d);
e.editorPromise.then(() => {
  const follow = () =>
    e.setTheme(document.body.classList.contains("body--dark") ? "vscodeDark" : "githubLight");
  new MutationObserver(follow).observe(document.body, {attributeFilter: ["class"]});
  follow();
  e.editor.contentDOM.setAttribute("aria-label", %s);
  e.editor.contentDOM.setAttribute("tabindex", "0");
  e.$el.addEventListener("paste", (event) => {
    const size = new Blob([event.clipboardData.getData("text")]).size;
    if (size > %d) {
      event.preventDefault();
      event.stopPropagation();
      emitEvent("%s", size);
    }
  }, true);
});
"""
_JUMP: Final = """
const v = getElement(%d).editor;
const line = v.state.doc.line(Math.min(%d, v.state.doc.lines));
v.dispatch({selection: {anchor: Math.min(line.from + %d - 1, line.to)}, scrollIntoView: true});
v.focus();
"""


class Editor:
    """The editor with what stands above it.

    Args:
        console: the console.
        desk: where the text stays.
        changed: called with each change.
        send: called for Ctrl-Enter.
    """

    def __init__(
        self,
        console: Console,
        desk: Desk,
        changed: Callable[[], None],
        send: Callable[[], Awaitable[None]],
    ) -> None:
        self._console = console
        self._desk = desk
        self._changed = changed
        self.use = Use.PUT
        self._filling = False
        with toolbar("Where the request comes from"):
            self._examples()
            self._upload()
            ui.element("div").classes("pn-batch-space")
            self._table_choice()
        self._text = ui.codemirror(
            value=desk.text,
            language="JSON",
            theme="githubLight",
            indent="  ",
            on_change=self._typed,
            keymap={"Mod-Enter": send},
        ).classes("pn-batch-editor")
        ui.on(_TOO_LARGE, lambda: show_commands(console, desk, ""))
        once_shown(self._prepare)

    @property
    def text(self) -> str:
        """What stands in it."""
        return str(self._text.value or "")

    def fill(self, text: str, name: str = EDITOR_NAME) -> None:
        """Replace what stands in it."""
        self._filling = True
        self._desk.name = name
        self._desk.title = EDITOR_TITLE if name == EDITOR_NAME else name
        self._text.value = text
        self._filling = False
        self._address()

    def show_example(self, example: Example) -> None:
        """Put an example in, and into the page's address."""
        self.fill(example.text, f"{example.name}.json")
        self._address(example.name)

    def mark(self, problems: Sequence[Problem]) -> None:
        """Mark the lines of problems."""
        shown = problems[:_MARKED_MAX]
        lines = {each.line: each for each in reversed(shown)}
        # By its methods: a change of its properties would send the text along, and what was typed
        # meanwhile would be lost.
        self._text.run_method(
            "setDecorations",
            [
                {
                    "kind": "line",
                    "line": line,
                    "class": "pn-batch-bad-line" if each.is_error else "pn-batch-odd-line",
                }
                for line, each in lines.items()
            ],
        )
        self._text.run_method("setLineTooltips", {line: each.text for line, each in lines.items()})

    def jump(self, line: int, column: int) -> None:
        """Put the cursor somewhere, and the focus."""
        ui.run_javascript(_JUMP % (self._text.id, line, column))

    async def load_tables(self) -> None:
        """Fill the choice of tables."""
        names: list[str] = []
        request: dict[str, str] = {}
        while True:
            answer = await self._console.call("ListTables", request)
            names += answer["TableNames"]
            if "LastEvaluatedTableName" not in answer:
                break
            request = {"ExclusiveStartTableName": answer["LastEvaluatedTableName"]}
        chosen = self._desk.table if self._desk.table in names else None
        self._table.set_options(names, value=chosen)

    def show_uses(self, *, shown: bool) -> None:
        """Show the choice of what is done with items, where there are some."""
        self._uses.set_visibility(shown)

    # What it is made of

    async def _prepare(self) -> None:
        ui.run_javascript(
            _PREPARE % (self._text.id, json.dumps(_LABEL), TEXT_BYTES_MAX, _TOO_LARGE)
        )

    def _typed(self) -> None:
        was = self._desk.title
        if self._filling:
            self._desk.text = self.text
        else:
            self._desk.edit(self.text)
        if self._desk.title != was:
            self._address()
        self._changed()

    def _address(self, example: str = "") -> None:
        """The page's address says what a reload should find."""
        members = {"example": example, "table": self._desk.table or ""}
        query = urlencode({name: value for name, value in members.items() if value})
        ui.navigate.history.replace(f"{BATCH.path}?{query}" if query else BATCH.path)

    def _examples(self) -> None:
        with (
            ui.button("Examples", icon="expand_more").props(
                "outline no-caps dense padding='xs md'"
            ),
            ui.menu(),
        ):
            for each in EXAMPLES:
                self._example(each)

    def _example(self, each: Example) -> None:
        item = ui.menu_item(on_click=lambda: self.show_example(each)).props('role="menuitem"')
        with item, ui.item_section():
            ui.item_label(each.title)
            ui.item_label(f"{each.name}.json").props("caption")

    def _upload(self) -> None:
        upload = ui.upload(
            on_upload=self._uploaded,
            auto_upload=True,
            max_file_size=UPLOAD_BYTES_MAX,
        ).classes("pn-batch-upload")
        upload.props["aria-label"] = "A file with a request or items"
        upload.on(
            "rejected",
            lambda event: show_commands(self._console, self._desk, str(event.args)),
            js_handler="(rejected) => emit(rejected[0].file.name)",
        )
        self._uploader = upload
        button = ui.button("Upload", icon="upload_file").props(
            "outline no-caps dense padding='xs md'"
        )
        button.on("click", js_handler=f"() => getElement({upload.id}).pickFiles()")

    async def _uploaded(self, event: UploadEventArguments) -> None:
        self._uploader.reset()
        try:
            text, name = text_of(await event.file.read(), event.file.name, self._desk.table)
        except TooLargeError:
            show_commands(self._console, self._desk, event.file.name)
            return
        except PannierError as error:
            notify_failure(error)
            return
        self.fill(text, name)

    def _table_choice(self) -> None:
        def choose() -> None:
            if self._desk.table != self._table.value:
                self._desk.table = self._table.value
                self._address()
            self._changed()

        def choose_use() -> None:
            self.use = Use(self._uses.value)
            self._changed()

        self._table = ui.select(
            [], label="Table for items", on_change=choose, clearable=True
        ).classes("pn-batch-table-choice")
        self._table.props("dense outlined options-dense")
        self._uses = ui.select(
            {use.value: words for use, words in _USES.items()},
            value=Use.PUT.value,
            label="Items are",
            on_change=choose_use,
        ).classes("pn-batch-use-choice")
        self._uses.props("dense outlined options-dense")
        self._uses.set_visibility(False)
