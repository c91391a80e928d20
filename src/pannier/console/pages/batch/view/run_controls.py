"""What starts a run: how it is done, and the button."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from pannier.console.elements import note, toolbar
from pannier.console.pages.batch.checked import Checked
from pannier.console.pages.batch.settings import (
    PARALLEL_MAX,
    Settings,
    parallel_problem,
    patience_problem,
    units_problem,
)

_WAYS = {False: "By the batch engine", True: "As one call, exactly as it stands"}


class RunControls:
    """The controls.

    Args:
        read_only: whether writes are refused.
        start: called when the button is pressed.
        cancel: called when the other is.

    Attributes:
        settings: what is chosen.
    """

    def __init__(
        self, read_only: bool, start: Callable[[], Awaitable[None]], cancel: Callable[[], None]
    ) -> None:
        self.settings = Settings()
        self._read_only = read_only
        self._checked = Checked()
        self._busy = False
        ways = ui.radio(_WAYS, value=False, on_change=lambda event: self._choose(event.value))
        ways.props("inline dense")
        ways.props["aria-label"] = "How it is sent"
        self._note = note("")
        with toolbar("How the batch engine goes about it") as self._engine_only:
            self._fields()
        with toolbar("Run"):
            self._button = ui.button("Run", icon="play_arrow", on_click=start).props(
                "no-caps unelevated"
            )
            self._cancel = ui.button("Cancel", icon="stop", on_click=cancel)
            self._cancel.props("outline no-caps color=negative")
            self._why = note("")
        self._choose(False)

    def show(self, checked: Checked, *, busy: bool) -> None:
        """Fit the button to a text."""
        self._checked = checked
        self._busy = busy
        self._fit()

    @property
    def reason_against(self) -> str:
        """Why nothing can be run now; empty if something can."""
        draft = self._checked.draft
        if self._busy:
            return "A run is under way."
        if self._read_only and draft.entries and not draft.is_read:
            return "Writes are switched off here: the console is read only."
        if self.settings.single:
            return "" if self._checked.can_send else "There is nothing to send yet."
        if self._checked.missing:
            return "A table is missing."
        return "" if self._checked.can_run else "There is nothing to run yet."

    def _fit(self) -> None:
        reason = self.reason_against
        draft = self._checked.draft
        verb = "Read" if draft.is_read else "Write"
        what = f"{verb} {draft.size:,}" if draft.entries else "Run"
        self._button.set_text("Send one call" if self.settings.single else what)
        self._button.set_enabled(not reason)
        self._cancel.set_visibility(self._busy)
        self._why.set_text(reason or "Ctrl-Enter in the editor does the same.")

    def _choose(self, single: bool) -> None:
        self.settings.single = single
        self._engine_only.set_visibility(not single)
        self._note.set_text(
            "Sent once, as the SDKs send it: nothing is split, retried or put right. What the "
            "service answers is shown as it is."
            if single
            else "Packed into full calls, sent in parallel; what is left over is sent again until "
            "everything is accounted for."
        )
        self._fit_if_made()

    def _fit_if_made(self) -> None:
        if hasattr(self, "_button"):
            self._fit()

    def _fields(self) -> None:
        settings = self.settings
        parallel = ui.number(
            "Calls in flight",
            value=settings.parallel,
            min=1,
            max=PARALLEL_MAX,
            precision=0,
            validation=lambda value: parallel_problem(value) or None,
        )
        units = ui.input(
            "Units a second",
            placeholder="no limit",
            validation=lambda value: units_problem(value) or None,
        )
        patience = ui.number(
            "Give up after, s",
            value=settings.give_up_after_s,
            min=1,
            validation=lambda value: patience_problem(value) or None,
        )
        for field in (parallel, units, patience):
            field.props("dense outlined hide-bottom-space").classes("pn-batch-field")
        every = ui.checkbox("Every write of a key, in order")

        def take() -> None:
            settings.parallel = parallel.value
            settings.units = units.value or ""
            settings.give_up_after_s = patience.value
            settings.every_write = bool(every.value)

        for changed in (parallel, units, patience, every):
            changed.on_value_change(take)
