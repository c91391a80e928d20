"""The field in which commands are typed: its keys, as terminals have them."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from nicegui import ui
from nicegui.events import GenericEventArguments

# In the browser, because it alone knows where the cursor is, and must not act on its own.
_KEYS: Final = """(event) => {
  const field = event.target;
  if (event.isComposing) return;
  const before = field.value.slice(0, field.selectionStart);
  const after = field.value.slice(field.selectionEnd);
  const say = (what) => { event.preventDefault(); emit([what, field.value, field.selectionStart]); };
  const leaves = field.dataset.leaves === "1";
  field.dataset.leaves = event.key === "Escape" ? "1" : "";
  if (event.key === "Enter" && !event.shiftKey) say("run");
  else if (event.key === "ArrowUp" && !event.shiftKey && !before.includes("\\n")) say("older");
  else if (event.key === "ArrowDown" && !event.shiftKey && !after.includes("\\n")) say("newer");
  else if (event.key === "Tab" && !event.shiftKey && before.trim() && !leaves) say("complete");
  else if (event.ctrlKey && event.key === "c" && field.selectionStart === field.selectionEnd) say("stop");
  else if (event.ctrlKey && event.key === "l") say("clear");
}"""  # noqa: E501  # JavaScript


Key = Callable[[str, int], Awaitable[None]]
"""Called with the text and the cursor's place in it."""


class Prompt:
    """The field.

    Args:
        keys: what is done at `run`, `older`, `newer`, `complete`, `stop` and `clear`.
    """

    def __init__(self, keys: dict[str, Key]) -> None:
        self._keys = keys
        self._field = ui.textarea("Command").props("outlined autogrow dense autofocus")
        self._field.props["input-class"] = "pn-prompt"
        self._field.props["spellcheck"] = "false"
        self._field.props["autocapitalize"] = "off"
        self._field.props["autocomplete"] = "off"
        self._field.props["aria-describedby"] = "pn-prompt-keys"
        self._field.classes("pn-prompt-field")
        self._field.on("keydown", self._pressed, js_handler=_KEYS)

    @property
    def text(self) -> str:
        """What is in it."""
        return self._field.value or ""

    @text.setter
    def text(self, text: str) -> None:
        # What the browser shows may be ahead of what arrived here: say it in any case.
        self._field.value = text
        self._field.update()

    def focus(self) -> None:
        """Put the cursor into it."""
        self._field.run_method("focus")

    async def _pressed(self, event: GenericEventArguments) -> None:
        arguments: Any = event.args
        what, text, place = arguments
        await self._keys[str(what)](str(text), int(place))
