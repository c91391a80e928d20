"""The screen of `pannier monitor --job`: one job, followed to its end."""

from typing import ClassVar, Final

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Footer, ProgressBar, Static

from pannier.cli.job_text import figures, line
from pannier.cli.progress import duration
from pannier.cli.screen.behind import FETCHED_EVERY_S, Behind
from pannier.cli.screen.plots import ChartPlot
from pannier.errors import PannierError
from pannier.monitoring.job_history import JobHistory
from pannier.monitoring.job_status import JobStatus
from pannier.monitoring.running_jobs import job_of

_PERCENT: Final = 100
_TICKS: Final = 4


class JobApp(App[JobStatus]):
    """The screen; it ends with the job, and gives its last status.

    Args:
        status: of the job, as it is now.
        every_s: how often to look.
    """

    CSS = """
    #head { height: 1; text-style: bold; }
    #line { height: 1; }
    #bar { height: 1; width: 100%; }
    #bar Bar { width: 1fr; }
    #pace { height: 1fr; min-height: 6; }
    #figures { height: auto; max-height: 70%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "leave", "Quit (the job goes on)"),
        Binding("ctrl+c", "leave", "Quit", show=False, priority=True),
    ]
    TITLE = "pannier monitor --job"
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, status: JobStatus, every_s: float) -> None:
        super().__init__()
        self._status = status
        self._every_s = every_s
        self._history = JobHistory()
        self._behind = Behind[JobStatus]()

    def compose(self) -> ComposeResult:
        """What stands where."""
        yield Static("", id="head", markup=False)
        yield ProgressBar(total=_PERCENT, show_eta=False, id="bar")
        yield Static("", id="line", markup=False)
        yield Static("", id="figures")
        yield ChartPlot(id="pace")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Begin to follow."""
        self.query_one(ChartPlot).border_title = "Items a second"
        self._show(self._status)
        self.set_interval(self._every_s, self._look)
        self.set_interval(FETCHED_EVERY_S, self._fetch)

    def action_leave(self) -> None:
        """Leave the screen; the job goes on."""
        self.exit(self._status)

    def _look(self) -> None:
        self._behind.begin(lambda: job_of(str(self._status.pid)))

    def _fetch(self) -> None:
        """Show what was found meanwhile."""
        for found in self._behind.fetch():
            if isinstance(found, JobStatus):
                self._show(found)
            elif isinstance(found, PannierError):  # its file was removed: it ended long ago
                self._show(self._status.died())
            else:
                raise found

    def _show(self, status: JobStatus) -> None:
        self._status = status
        self._history.add(status)
        if not status.is_running:
            self.exit(status)
            return
        self.query_one("#head", Static).update(f"job {status.pid}: {status.command_line}")
        bar = self.query_one("#bar", ProgressBar)
        part = status.fraction
        bar.update(total=None if part is None else _PERCENT, progress=_PERCENT * (part or 0.0))
        self.query_one("#line", Static).update(line(status))
        self.query_one("#figures", Static).update(figures(status, self._history))
        self._draw()

    def _draw(self) -> None:
        times, values = list(self._history.times_s), list(self._history.items_per_s)
        if len(times) < 2:  # a line has two ends
            return
        length_s = times[-1] - times[0]
        ticks = [times[0] + length_s * number / (_TICKS - 1) for number in range(_TICKS)]
        labels = [duration(each) for each in ticks]
        self.query_one(ChartPlot).draw([(times, values)], ticks, labels)
