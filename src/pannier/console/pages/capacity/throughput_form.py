"""Changes the throughput of a table in place, with UpdateTable: on any target."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from nicegui import ui

from pannier.batch.calls import CallError
from pannier.console.console import Console
from pannier.console.elements import note, notify_done, toolbar, words_of
from pannier.console.throughput import (
    ON_DEMAND,
    PROVISIONED,
    Billing,
    Throughput,
    billing_of,
    update_request,
    whole_units,
)
from pannier.errors import UserError

_MODES: Final = {PROVISIONED: "Provisioned", ON_DEMAND: "On demand"}
_READ_ONLY: Final = "This console only reads. Start it with --allow-writes to change throughput."


class ThroughputForm:
    """The form of one table, filled with how it is paid for now.

    Args:
        console: the console.
        table: its name.
        description: the answer to DescribeTable.
        after: called after a change.
    """

    def __init__(
        self,
        console: Console,
        table: str,
        description: dict[str, Any],
        after: Callable[[], Awaitable[None]],
    ) -> None:
        self._after = after
        self._console = console
        self._table = table
        self._now = billing_of(description)
        self._mode = ui.radio(_MODES, value=self._now.mode, on_change=self._switch)
        self._mode.props("inline").props["aria-label"] = "How the table is paid for"
        self._fields: dict[str, tuple[ui.number, ui.number]] = {}
        with ui.element("div").classes("pn-units"):
            for name in self._now.throughputs:
                self._row(name)
        self._problem = ui.label().classes("pn-bad").props('role="alert"')
        self._problem.visible = False
        with toolbar("Change the throughput"):
            self._button = ui.button("Change throughput", on_click=self._change)
            self._button.props("no-caps unelevated")
            if console.read_only:
                note(_READ_ONLY)
        if console.read_only:
            for element in (self._mode, self._button, *sum(self._fields.values(), ())):
                element.disable()
        self._fill()

    def _row(self, name: str) -> None:
        owner = f"index {name}" if name else "table"
        with ui.element("div").classes("pn-units-row").props('role="group"') as group:
            group.props["aria-label"] = f"Units of the {owner}"
            ui.label(f"Index {name}" if name else "Table").classes("pn-units-name")
            fields = (self._field(), self._field())
            self._fields[name] = fields

    def _field(self) -> ui.number:
        field = ui.number("", min=1, precision=0).props("dense outlined")
        field.on("keydown.enter", self._change)
        return field

    def _fill(self) -> None:
        now = self._now.throughputs if self._mode.value == self._now.mode else {}
        for name, fields in self._fields.items():
            units = now.get(name, Throughput(None, None))
            for field, kind, value in zip(
                fields, ("Read", "Write"), (units.read, units.write), strict=True
            ):
                field.value = value
                label = f"{kind} units" if self._is_provisioned else f"Most {kind.lower()} units"
                field.props["label"] = label
                field.props["placeholder"] = "" if self._is_provisioned else "no maximum"
                field.update()

    @property
    def _is_provisioned(self) -> bool:
        return bool(self._mode.value == PROVISIONED)

    def _switch(self) -> None:
        self._problem.visible = False
        self._fill()

    def _wanted(self) -> Billing:
        units = {}
        for name, (read, write) in self._fields.items():
            owner = f" of the index {name}" if name else ""
            units[name] = Throughput(
                whole_units(read.value, f"read units{owner}"),
                whole_units(write.value, f"write units{owner}"),
            )
        return Billing(self._mode.value, units)

    async def _change(self) -> None:
        self._problem.visible = False
        try:
            request = update_request(self._table, self._now, self._wanted())
            self._button.disable()
            await self._console.call("UpdateTable", request)
            answer = await self._console.call("DescribeTable", {"TableName": self._table})
        except (UserError, CallError) as error:
            self._problem.text = " ".join(words_of(error))
            self._problem.visible = True
            return
        finally:
            self._button.enable()
        # Until it is done, the table is described as it still is.
        self._now = self._wanted()
        notify_done(f"The throughput of {self._table} is {_progress(answer)}.")
        await self._after()


def _progress(answer: dict[str, Any]) -> str:
    return "being changed" if answer["Table"].get("TableStatus") == "UPDATING" else "changed"
