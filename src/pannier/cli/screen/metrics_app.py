"""The screen of `pannier monitor`: the charts of a table, and the jobs that run.

The target is asked in a thread, so keys work while it does not answer. What goes wrong is shown
above the charts, with what to do; the last charts stay, and the screen goes on by itself.
"""

from dataclasses import replace
from typing import ClassVar, Final

from textual import work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import ItemGrid, VerticalScroll
from textual.timer import Timer
from textual.widgets import Footer, Static

from pannier.cli.job_text import jobs_table
from pannier.cli.metrics_text import NO_METRICS, is_told, when
from pannier.cli.screen.behind import FETCHED_EVERY_S, Behind
from pannier.cli.screen.plots import ChartPlot
from pannier.errors import PannierError, UserError
from pannier.monitoring.charts import Chart
from pannier.monitoring.job_status import JobStatus
from pannier.monitoring.reading import Reading
from pannier.monitoring.running_jobs import running_jobs
from pannier.monitoring.watching import RANGES, Sight, Watch

_EVERY_NEAR_S: Final = 5.0
_EVERY_FAR_S: Final = 60.0
_JOBS_EVERY_S: Final = 1.0
_JOBS_SHOWN: Final = 5


class MetricsApp(App[None]):
    """The screen.

    Args:
        watch: where to look.
        sight: what is looked at in the beginning.
        every_s: how often; None for 5 seconds on this machine, 60 elsewhere.
    """

    CSS = """
    #head { height: 1; text-style: bold; }
    #trouble { height: auto; color: $text-error; display: none; }
    #charts { height: 1fr; }
    #grid { height: auto; grid-rows: 11; }
    #jobs { height: auto; max-height: 12; display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "table(1)", "Table"),
        Binding("T", "table(-1)", "Table before", show=False),
        Binding("plus", "length(1)", "Longer", key_display="+"),
        Binding("minus", "length(-1)", "Shorter", key_display="-"),
        Binding("space", "pause", "Pause"),
        Binding("r", "read", "Now"),
        Binding("a", "all", "All charts"),
        Binding("j", "jobs", "Jobs"),
        Binding("q", "quit", "Quit"),
        Binding("ctrl+c", "quit", "Quit", show=False, priority=True),
    ]
    TITLE = "pannier monitor"
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, watch: Watch, sight: Sight, every_s: float | None = None) -> None:
        super().__init__()
        self._watch = watch
        self._sight = sight
        self._every_s = every_s
        self._timer: Timer | None = None
        self._table: str | None = None
        self._shows_all = False
        self._shows_jobs = True
        self._paused = False
        self._reading: Reading | None = None
        self._behind = Behind[Reading]()
        self._jobs_behind = Behind[list[JobStatus]]()

    def compose(self) -> ComposeResult:
        """What stands where."""
        yield Static("looking ...", id="head", markup=False)
        yield Static("", id="trouble", markup=False)
        with VerticalScroll(id="charts"):
            yield ItemGrid(min_column_width=38, stretch_height=False, id="grid")
        yield Static("", id="jobs")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Begin to look."""
        self._look()
        self._look_at_jobs()
        self.set_interval(FETCHED_EVERY_S, self._fetch)
        self.set_interval(_JOBS_EVERY_S, self._look_at_jobs)
        self._plan(self._every_s or _EVERY_NEAR_S)

    # What keys do

    def action_table(self, step: int) -> None:
        """Show the next table, or the one before."""
        if self._reading is None or not self._reading.tables:
            return
        tables = self._reading.tables
        place = tables.index(self._table) if self._table in tables else 0
        self._table = tables[(place + step) % len(tables)]
        self._show(self._reading)

    def action_length(self, step: int) -> None:
        """Look further back, or less far."""
        length = self._sight.length
        place = RANGES.index(length) if length in RANGES else RANGES.index("1h")
        place = min(max(place + step, 0), len(RANGES) - 1)
        self._sight = replace(self._sight, length=RANGES[place], times_s=None)
        self._look()

    def action_pause(self) -> None:
        """Stand still, or go on."""
        self._paused = not self._paused
        self._show_head()
        if not self._paused:
            self._look()

    def action_read(self) -> None:
        """Look now."""
        self._look()

    def action_all(self) -> None:
        """Show all charts, or only those in which there is anything."""
        self._shows_all = not self._shows_all
        if self._reading is not None:
            self._show(self._reading)

    def action_jobs(self) -> None:
        """Show the jobs, or not."""
        self._shows_jobs = not self._shows_jobs
        self._look_at_jobs()

    # Looking

    def _plan(self, every_s: float) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_interval(every_s, self._look_again)

    def _look_again(self) -> None:
        if not self._paused:
            self._look()

    def _look(self) -> None:
        sight = self._sight
        self._behind.begin(lambda: self._watch.look(sight))

    def _look_at_jobs(self) -> None:
        self._jobs_behind.begin(_jobs)

    def _fetch(self) -> None:
        """Show what was found meanwhile."""
        if not self.query("#trouble"):  # the screen is about to end
            return
        for found in self._behind.fetch():
            if isinstance(found, Reading):
                self._show_new(found)
            elif isinstance(found, PannierError):
                self._show_trouble(found)
            else:
                raise found
        for jobs in self._jobs_behind.fetch():
            if isinstance(jobs, Exception):
                raise jobs
            self._show_jobs(jobs)

    # Showing

    def _show_trouble(self, error: PannierError) -> None:
        trouble = self.query_one("#trouble", Static)
        trouble.update(str(error))
        trouble.display = True
        self._show_head()

    def _show_new(self, reading: Reading) -> None:
        self.query_one("#trouble", Static).display = False
        if self._every_s is None:
            self._every_s = _EVERY_NEAR_S if self._watch.is_near else _EVERY_FAR_S
            self._plan(self._every_s)
        self._reading = reading
        if self._table not in reading.tables:
            self._table = reading.tables[0] if reading.tables else None
        self._show(reading)

    @work(exclusive=True, group="charts")
    async def _show(self, reading: Reading) -> None:
        """Draw the charts: each in the place that it has already, if their number is the same."""
        self._show_head()
        charts = self._chosen(reading)
        grid = self.query_one("#grid", ItemGrid)
        if not grid.is_attached:  # the screen is about to end
            return
        plots = list(grid.query(ChartPlot))
        if len(plots) < len(charts):
            more = [ChartPlot() for _ in charts[len(plots) :]]
            await grid.mount(*more)
            plots += more
        for spare in plots[len(charts) :]:
            await spare.remove()
        for plot, chart in zip(plots, charts, strict=False):
            plot.show(chart, reading.span)

    def _chosen(self, reading: Reading) -> list[Chart]:
        """The charts of the table, its indexes, and the account."""
        return [
            chart
            for chart in reading.charts
            if chart.resource.table in (self._table, None)
            and chart.series
            and (self._shows_all or is_told(chart))
        ]

    def _show_head(self) -> None:
        head = self.query_one("#head", Static)
        reading = self._reading
        paused = "PAUSED  " if self._paused else ""
        if reading is None:
            head.update(f"{paused}looking ...")
        elif self._table is None:
            head.update(f"{paused}{NO_METRICS}")
        else:
            tables = reading.tables
            which = f"{self._table} ({tables.index(self._table) + 1} of {len(tables)})"
            head.update(f"{paused}{which}, {when(reading)}, {reading.place}")

    def _show_jobs(self, jobs: list[JobStatus]) -> None:
        pane = self.query_one("#jobs", Static)
        pane.display = self._shows_jobs and bool(jobs)
        if jobs:
            pane.update(jobs_table(jobs))


def _jobs() -> list[JobStatus]:
    try:
        return [each for each in running_jobs() if each.is_running][:_JOBS_SHOWN]
    except UserError:  # the folder is not ours; without jobs there is nothing to say of it
        return []
