"""The switches of a server: throttling, and time where it stands still."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from nicegui import ui

from pannier.console.console import Console
from pannier.console.elements import card, note, notify_done, toolbar
from pannier.errors import UserError
from pannier.targets.admin import AdminClient

_MODES: Final = {
    "off": "Off",
    "tables": "Tables and indexes",
    "on": "Partitions too",
}
_SAYS: Final = {
    "off": "Nothing is held back, and buckets stay full.",
    "tables": "Tables and global indexes are held to their throughput; partitions are not.",
    "on": "Tables, global indexes and partitions are held to their throughput, as on AWS.",
}
_STEPS_S: Final = {"1 second": 1, "1 minute": 60, "5 minutes": 300, "1 hour": 3600}


class ThrottlingSwitch:
    """What is throttled, to be seen and changed.

    Args:
        console: the console.
        admin: of the server.
        after: called after a change.

    Attributes:
        changes: how many were made here; what was asked for before the last one is out of date.
    """

    def __init__(
        self, console: Console, admin: AdminClient, after: Callable[[], Awaitable[None]]
    ) -> None:
        self._after = after
        self._console = console
        self._admin = admin
        self._setting: tuple[str, float] | None = None
        self.changes = 0
        with card("Throttling"):
            self._mode = ui.radio(_MODES, on_change=self._choose).props("inline")
            self._mode.props["aria-label"] = "What is throttled"
            self._says = note("").props('role="status"')
            with toolbar("Burst"):
                self._burst = ui.number("Burst, seconds", min=0, max=300, precision=0)
                self._burst.props("dense outlined").classes("pn-short")
                self._burst.on("keydown.enter", self._set_burst)
                ui.button("Set burst", on_click=self._set_burst).props("outline no-caps")
            note(
                "The burst is how many seconds of unused provisioned capacity are saved: 300 at "
                "DynamoDB, 0 to throttle at once."
            )

    def show(self, answer: Mapping[str, Any]) -> None:
        """Show the server's setting, unless it is shown already: the reader may be typing."""
        setting = (answer["mode"], float(answer["burst_s"]))
        if setting == self._setting:
            return
        self._setting = setting
        self._mode.value = setting[0]
        self._burst.value = setting[1]
        self._says.text = _SAYS.get(setting[0], "")

    async def _choose(self) -> None:
        mode = self._mode.value
        if self._setting is not None and mode != self._setting[0]:  # else it is we who set it
            await self._set({"mode": mode})

    async def _set_burst(self) -> None:
        value = self._burst.value
        if value is None:
            raise UserError("the burst is empty", "Give a number of seconds from 0 to 300.")
        await self._set({"burst_s": value})
        notify_done(f"The burst is {value:g} s.")

    async def _set(self, wanted: dict[str, Any]) -> None:
        try:
            answer = await self._console.in_thread(lambda: self._admin.put("throttle", wanted))
        except UserError:
            setting, self._setting = self._setting, None
            if setting is not None:
                self.show({"mode": setting[0], "burst_s": setting[1]})
            raise
        self.changes += 1
        self.show(answer)
        await self._after()


class ManualClock:
    """The time of a server whose clock is moved by hand.

    Args:
        console: the console.
        admin: of the server.
        answer: what it says of its clock.
    """

    def __init__(self, console: Console, admin: AdminClient, answer: Mapping[str, Any]) -> None:
        self._console = console
        self._admin = admin
        with card("Clock"):
            self._now = ui.label().props('role="status"').classes("pn-clock")
            with toolbar("Let time pass"):
                for label, seconds in _STEPS_S.items():
                    ui.button(f"+ {label}", on_click=lambda s=seconds: self._advance(s)).props(
                        "outline no-caps"
                    )
            with toolbar("Let a time of your choice pass"):
                self._seconds = ui.number("Seconds", min=0, value=10)
                self._seconds.props("dense outlined").classes("pn-short")
                self._seconds.on("keydown.enter", self._advance_given)
                ui.button("Advance", on_click=self._advance_given).props("outline no-caps")
            note("Time stands still on this server until it is moved: for buckets and expiry too.")
        self.show(answer)

    def show(self, answer: Mapping[str, Any]) -> None:
        """Show the server's time."""
        text = str(answer["now"]).replace("T", " ").replace("+00:00", " UTC")
        if self._now.text != text:
            self._now.text = text

    async def _advance_given(self) -> None:
        if self._seconds.value is None:
            raise UserError("there is no number of seconds", "Give one, 0 or more.")
        await self._advance(self._seconds.value)

    async def _advance(self, seconds: float) -> None:
        wanted = {"advance_s": seconds}
        self.show(await self._console.in_thread(lambda: self._admin.post("clock", wanted)))
