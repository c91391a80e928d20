"""The controls of the pages' forms, so that all of them look the same and have a label."""

from collections.abc import Callable, Mapping
from typing import Any

from nicegui import ui

_LOOK = "outlined dense hide-bottom-space"


def text_field(
    label: str, value: str = "", on_change: Callable[[], Any] | None = None, hint: str = ""
) -> ui.input:
    """A field for a line of text; what is wrong with it is set as its `error`."""
    field = ui.input(label, value=value, placeholder=hint or None, on_change=on_change)
    # Otherwise each change of the value would take the error away again.
    return field.without_auto_validation().props(_LOOK)


def choice(
    label: str,
    options: Mapping[str, str] | list[str],
    value: str,
    on_change: Callable[[], Any] | None = None,
    *,
    searched: bool = False,
) -> ui.select:
    """One of several values.

    Args:
        label: what is chosen.
        options: the values, or what is shown of each.
        value: the one that is chosen at first.
        on_change: called after another choice.
        searched: whether there may be so many that the reader types some letters.
    """
    given = dict(options) if isinstance(options, Mapping) else options
    field = ui.select(given, label=label, value=value, on_change=on_change, with_input=searched)
    return field.without_auto_validation().props(_LOOK + " options-dense")


def icon_button(icon: str, label: str, on_click: Callable[[], Any]) -> ui.button:
    """A button that is only an icon, with a label for those who don't see it."""
    button = ui.button(icon=icon, on_click=on_click).props("flat round dense")
    button.props["aria-label"] = label
    button.tooltip(label)
    return button


def copyable(text: str, label: str) -> None:
    """A text that is read or copied as it is, such as a command line."""
    with ui.element("div").classes("pn-copyable"):
        block = ui.element("pre").classes("pn-code").props("tabindex=0 role=region")
        block.props["aria-label"] = label
        with block:
            ui.label(text)
        icon_button("content_copy", f"Copy: {label}", lambda: ui.clipboard.write(text))
