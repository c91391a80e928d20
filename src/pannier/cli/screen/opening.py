"""Opening a screen, where what it needs is installed; and saying what to do where it is not."""

from importlib.util import find_spec
from typing import Final

from pannier.cli.status import DONE
from pannier.errors import UserError
from pannier.monitoring.job_status import JobStatus
from pannier.monitoring.watching import Sight, Watch

_NEEDED: Final = ("textual", "textual_plotext")


def open_metrics(watch: Watch, sight: Sight, every_s: float | None) -> int:
    """Show metrics until the user has seen enough; returns the exit status.

    Raises:
        UserError: the screen is not installed.
    """
    _check()
    from pannier.cli.screen.metrics_app import MetricsApp  # slow to import, and an extra

    MetricsApp(watch, sight, every_s).run()
    return DONE


def open_job(status: JobStatus, every_s: float) -> JobStatus:
    """Follow a job on the screen; returns how it was when the screen was left.

    Raises:
        UserError: the screen is not installed.
    """
    _check()
    from pannier.cli.screen.job_app import JobApp  # slow to import, and an extra

    return JobApp(status, every_s).run() or status


def _check() -> None:
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise UserError(
            "the screen needs textual and textual-plotext, which are not installed",
            "Install them: pip install 'pannier[monitor]'\nOr print what there is: add --once",
        )
