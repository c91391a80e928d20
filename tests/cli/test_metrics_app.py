"""The screen of `pannier monitor`, on a real server, at the size of an old terminal."""

import asyncio
import json
import socket
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from pannier.cli.screen.metrics_app import MetricsApp
from pannier.cli.screen.plots import ChartPlot
from pannier.monitoring.cloudwatch_source import CloudWatchSource
from pannier.monitoring.job_folder import job_folder
from pannier.monitoring.job_status import FINISHED
from pannier.monitoring.running_jobs import leave
from pannier.monitoring.watching import Sight, Watch
from tests.cli.piloting import screen_text, shown, until
from tests.conftest import run_pannier, serving
from tests.monitoring.job_statuses import a_status

SIZE = (80, 24)


@pytest.fixture(autouse=True)
def _runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "runtime").mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "runtime"))


def use(folder: Path) -> None:
    """Two tables, each with a write; one has an index."""
    (folder / "items.jsonl").write_text(json.dumps({"PK": "p", "group": "x"}))
    for table, more in (("orders", ()), ("shop", ("--index", "by-group=group:S"))):
        run_pannier("create-table", table, "--key", "PK:S", *more, cwd=folder)
        done = run_pannier("write", "items.jsonl", "--table", table, cwd=folder)
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with two tables that were used."""
    folder = tmp_path_factory.mktemp("served")
    with serving("--path", str(folder / ".pannier")) as (url, _):
        use(folder)
        yield url


def app_of(target: str, sight: Sight | None = None, every_s: float | None = 60.0) -> MetricsApp:
    watch = Watch(lambda: CloudWatchSource.of_target(target, {}))
    return MetricsApp(watch, sight or Sight(), every_s)


def on_screen(
    app: MetricsApp, act: Callable[[Any], Coroutine[Any, Any, None]], size: tuple[int, int] = SIZE
) -> None:
    """Run what is done while the screen is open."""

    async def run() -> None:
        async with app.run_test(size=size) as pilot:
            await act(pilot)

    asyncio.run(run())


def titles(app: MetricsApp) -> list[str]:
    return [str(each.border_title) for each in app.query(ChartPlot)]


def test_charts_of_a_table_and_its_index(place: str) -> None:
    app = app_of(place, Sight(("shop",)))

    async def act(pilot: Any) -> None:
        await until(pilot, lambda: "Write units of shop (units/s)" in titles(app))
        assert "Write units of shop/by-group (units/s)" in titles(app)
        assert "Success rate of shop (%)" in titles(app)
        text = screen_text(app)
        assert text.startswith("shop (1 of 1), ")
        for words in ("Read units of shop", "consumed 0", "q Quit", "space Pause", "+ Longer"):
            assert words in text, text
        assert max(map(len, text.splitlines())) <= SIZE[0]
        assert "No data" not in text

    on_screen(app, act)


def test_the_next_table_and_the_one_before(place: str) -> None:
    app = app_of(place)

    async def act(pilot: Any) -> None:
        await until(pilot, lambda: shown(app, "head").startswith("orders (1 of 2)"))
        await until(pilot, lambda: "Read units of orders (units/s)" in titles(app))
        await pilot.press("t")
        await until(pilot, lambda: "Read units of shop (units/s)" in titles(app))
        assert shown(app, "head").startswith("shop (2 of 2)")
        assert not any("orders" in title for title in titles(app))
        await pilot.press("T")
        await until(pilot, lambda: "Read units of orders (units/s)" in titles(app))

    on_screen(app, act)


def test_a_longer_and_a_shorter_range(place: str) -> None:
    app = app_of(place)

    async def act(pilot: Any) -> None:
        await until(pilot, lambda: "points of 1 min" in shown(app, "head"))
        for _ in range(5):
            await pilot.press("+")
        await until(pilot, lambda: "points of 1 h" in shown(app, "head"))
        for _ in range(9):
            await pilot.press("-")
        await until(pilot, lambda: "points of 1 min" in shown(app, "head"))

    on_screen(app, act)


def test_all_charts_or_those_with_something_in_them(place: str) -> None:
    app = app_of(place, Sight(("shop",)))

    async def act(pilot: Any) -> None:
        await until(pilot, lambda: titles(app))
        few = len(titles(app))
        assert "Read throttle events of shop (events)" not in titles(app)
        await pilot.press("a")
        await until(pilot, lambda: "Read throttle events of shop (events)" in titles(app))
        assert "User errors of account (requests)" in titles(app)
        await pilot.press("a")
        await until(pilot, lambda: len(titles(app)) == few)

    on_screen(app, act)


def test_a_pause_and_its_end(place: str) -> None:
    app = app_of(place, every_s=0.1)

    async def act(pilot: Any) -> None:
        await until(pilot, lambda: "points of" in shown(app, "head"))
        await pilot.press("space")
        assert shown(app, "head").startswith("PAUSED")
        await until(pilot, lambda: not app._behind._busy)
        await asyncio.sleep(0.2)  # what was found is fetched
        read = app._reading
        for _ in range(5):
            await asyncio.sleep(0.1)
            await pilot.pause()
        assert app._reading is read
        await pilot.press("space")
        await until(pilot, lambda: app._reading is not read)
        assert not shown(app, "head").startswith("PAUSED")

    on_screen(app, act)


def test_jobs_that_run_are_shown(place: str) -> None:
    app = app_of(place)

    async def act(pilot: Any) -> None:
        await until(pilot, lambda: titles(app))
        assert not app.query_one("#jobs").display
        leave(a_status(), job_folder())
        await until(pilot, lambda: "50% done" in screen_text(app))
        await pilot.press("j")
        await until(pilot, lambda: not app.query_one("#jobs").display)
        await pilot.press("j")
        await until(pilot, lambda: app.query_one("#jobs").display)
        leave(a_status(state=FINISHED), job_folder())
        await until(pilot, lambda: not app.query_one("#jobs").display)

    on_screen(app, act)


def test_a_server_that_goes_and_comes_back(tmp_path: Path) -> None:
    target = f"local:{tmp_path / '.pannier'}"
    app = app_of(target, every_s=0.1)

    async def act(pilot: Any) -> None:
        await until(pilot, lambda: "no server serves" in shown(app, "trouble"))
        assert "pannier serve --path" in shown(app, "trouble")
        with serving("--path", str(tmp_path / ".pannier")):
            await until(pilot, lambda: "no metrics yet" in shown(app, "head"))
            assert shown(app, "trouble") == ""
            await asyncio.to_thread(use, tmp_path)
            await until(pilot, lambda: "Read units of orders (units/s)" in titles(app))
        await until(pilot, lambda: shown(app, "trouble"))
        assert titles(app), "the last charts stay"
        with serving("--path", str(tmp_path / ".pannier")):
            await until(pilot, lambda: not shown(app, "trouble"))
            assert shown(app, "head").startswith("orders (1 of 2)")

    on_screen(app, act)


def test_a_table_that_is_not_there(place: str) -> None:
    app = app_of(place, Sight(("nowhere",)))

    async def act(pilot: Any) -> None:
        await until(pilot, lambda: "there is no table nowhere" in shown(app, "trouble"))
        assert "pannier tables" in shown(app, "trouble")
        await pilot.press("t", "plus", "a", "r", "q")
        await until(pilot, lambda: not app.is_running)

    on_screen(app, act)


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
def test_it_ends_when_it_is_told(place: str, key: str) -> None:
    app = app_of(place)

    async def act(pilot: Any) -> None:
        await pilot.press(key)
        await until(pilot, lambda: not app.is_running)

    on_screen(app, act)
    assert app.return_code == 0


@pytest.mark.parametrize("size", [(40, 12), (200, 60)])
def test_other_sizes(place: str, size: tuple[int, int]) -> None:
    app = app_of(place)

    async def act(pilot: Any) -> None:
        await until(pilot, lambda: titles(app))
        await pilot.resize_terminal(30, 10)
        await pilot.resize_terminal(*size)
        await until(pilot, lambda: "Read units of orders" in screen_text(app))

    on_screen(app, act, size)


def test_without_colours_lines_differ_by_their_signs(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = app_of(place, Sight(("shop",)))

    async def act(pilot: Any) -> None:
        await until(pilot, lambda: "• consumed 0" in screen_text(app))

    on_screen(app, act)


def test_a_place_that_does_not_answer_does_not_hold_the_screen() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        app = app_of(f"http://127.0.0.1:{silent.getsockname()[1]}")

        async def act(pilot: Any) -> None:
            await until(pilot, lambda: app._behind._busy)
            await pilot.press("q")
            await until(pilot, lambda: not app.is_running)
            assert app._behind._busy

        on_screen(app, act)


def test_how_often_depends_on_where(place: str) -> None:
    app = app_of(place, every_s=None)

    async def act(pilot: Any) -> None:
        await until(pilot, lambda: app._every_s == 5.0)

    on_screen(app, act)
