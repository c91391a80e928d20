"""`pannier monitor` where there is no screen: once, in a pipe, as JSON; and what goes wrong."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pannier.errors import UserError
from pannier.monitoring.job_folder import job_folder
from pannier.monitoring.running_jobs import leave
from pannier.monitoring.source import MetricsError
from tests.cli.running import good, refused, run
from tests.conftest import run_pannier, serving
from tests.monitoring.job_statuses import a_status


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder whose database a server holds, with a table that was used."""
    folder = tmp_path_factory.mktemp("served")
    lines = (json.dumps({"PK": f"p{number}", "group": "x"}) for number in range(60))
    (folder / "items.jsonl").write_text("\n".join(lines))
    with serving("--path", str(folder / ".pannier")):
        for status in (0, 1):  # the second time it is there already: a user error
            words = ("create-table", "shop", "--key", "PK:S", "--index", "by-group=group:S")
            assert run_pannier(*words, cwd=folder).returncode == status
        done = run_pannier("write", "items.jsonl", "--table", "shop", cwd=folder)
        assert done.returncode == 0, done.stderr
        yield folder


def test_once_shows_what_was_done(folder: Path) -> None:
    out = good(folder, "monitor", "--once", "--range", "15m").out
    assert out.startswith("metrics of local (served at http://127.0.0.1")
    lines = [line.split() for line in out.splitlines()]
    assert any(line[:1] == ["BatchWriteItem"] and line[3] == "3" for line in lines)
    assert "shop/by-group" in out
    assert "Success rate, %" in out
    assert "User errors, requests" in out
    assert "nothing of shop/by-group in: read units" in out


def test_in_a_pipe_it_is_as_with_once(folder: Path) -> None:
    done = run_pannier("monitor", "--table", "shop", cwd=folder)
    assert done.returncode == 0
    assert "Write units, units/s" in done.stdout


def test_json_has_every_series(folder: Path) -> None:
    answer = json.loads(good(folder, "monitor", "--once", "--output", "json").out)
    charts = {(each["chart"], each["index"]): each for each in answer["charts"]}
    (consumed, *_) = charts["write_units", None]["series"]
    assert consumed["total"] == 60
    assert len(consumed["values"]) == len(answer["times_s"])
    assert charts["write_units", "by-group"]["series"][0]["total"] == 60
    assert isinstance(answer["jobs"], list)


def test_jobs_are_shown(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    leave(a_status(), job_folder())
    out = good(folder, "monitor", "--once").out
    assert f"{os.getpid()} write" in out
    assert "50% done" in out
    answer = json.loads(good(folder, "monitor", "--once", "--output", "json").out)
    assert answer["jobs"][0]["report"]["operation"] == "write"


def test_a_folder_of_jobs_that_is_not_ours_does_not_disturb(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    (tmp_path / "pannier").symlink_to(tmp_path)
    done = good(folder, "monitor", "--once")
    assert "not a folder of yours" in done.err


@pytest.mark.parametrize("output", ["text", "json"])
def test_a_line_an_interval(folder: Path, output: str) -> None:
    program = subprocess.Popen(
        [sys.executable, "-m", "pannier", "monitor", "--every", "0.1", "--output", output],
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert program.stdout is not None
        lines = [program.stdout.readline() for _ in range(3)]
        program.send_signal(signal.SIGINT)
        program.communicate(timeout=30)
    finally:
        if program.poll() is None:
            program.kill()
            program.communicate()
    assert program.returncode == 130
    if output == "json":
        assert all(json.loads(line)["tables"] == ["shop"] for line in lines)
    else:
        assert all("shop  read" in line and "success 100 %" in line for line in lines)


def test_what_goes_wrong_may_be_well_again(capsys: pytest.CaptureFixture[str]) -> None:
    from pannier.cli.monitor import repeat

    looks = [MetricsError("nobody answers", "Start it."), None, KeyboardInterrupt()]
    slept: list[float] = []

    def look() -> None:
        error = looks.pop(0)
        if error is not None:
            raise error

    with pytest.raises(KeyboardInterrupt):
        repeat(look, 5.0, slept.append)
    assert slept == [5.0, 5.0]
    assert "nobody answers\nStart it." in capsys.readouterr().err


def test_a_narrow_terminal_and_no_colours(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    out = good(folder, "monitor", "--once").out
    assert "\x1b" not in out
    assert max(len(line) for line in out.splitlines()[1:]) <= 80
    assert "…" not in out


def test_a_terminal_with_ascii_only(folder: Path) -> None:
    done = run_pannier(
        "monitor", "--once", cwd=folder, PYTHONIOENCODING="ascii", XDG_RUNTIME_DIR="/nowhere"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()
    assert "@" in done.stdout


def test_without_any_request_there_is_nothing_yet(tmp_path: Path) -> None:
    with serving("--path", str(tmp_path / ".pannier")):
        assert "no metrics yet" in good(tmp_path, "monitor", "--once").out
        good(tmp_path, "create-table", "quiet", "--key", "PK:S")
        assert "no metrics of quiet yet" in good(tmp_path, "monitor", "--table", "quiet").out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--table", "nowhere"), "there is no table nowhere"),
        (("--target", "memory"), "pannier serve --memory"),
        (("--target", "local:elsewhere"), "pannier serve --path elsewhere"),
        (("--target", "http://127.0.0.1:9"), "nobody answers at http://127.0.0.1:9"),
        (("--end", "2026-01-01T00:00"), "--start TIME"),
        (("--start", "2026-01-02T00:00", "--end", "2026-01-01T00:00"), "before --end"),
        (("--start", "1999-01-01T00:00"), "455 days"),
    ],
)
def test_what_can_t_be_shown_is_told(folder: Path, words: tuple[str, ...], said: str) -> None:
    assert said in refused(folder, "monitor", "--once", *words)


@pytest.mark.parametrize(
    "words",
    [
        ("--range", "3w"), ("--every", "0"), ("--every", "x"), ("--start", "yesterday"),
        ("--start", "-1-1"), ("--output", "xml"), ("--table",),
    ],
)  # fmt: skip
def test_what_can_t_be_meant_is_usage(folder: Path, words: tuple[str, ...]) -> None:
    done = run(folder, "monitor", "--once", *words)
    assert done.status == 2
    assert "pannier monitor --help" in done.err


def test_without_textual_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from pannier.cli.screen import opening
    from pannier.monitoring.watching import Sight, Watch
    from tests.monitoring.scripted_source import ScriptedSource

    monkeypatch.setattr(opening, "find_spec", lambda _: None)
    for act in (
        lambda: opening.open_metrics(Watch(ScriptedSource), Sight(), None),
        lambda: opening.open_job(a_status(), 1.0),
    ):
        with pytest.raises(UserError) as caught:
            act()
        assert "pannier[monitor]" in caught.value.advice
        assert "--once" in caught.value.advice


def test_once_needs_no_textual(folder: Path) -> None:
    code = (
        "import sys; sys.modules['textual'] = None; sys.modules['textual_plotext'] = None\n"
        "from pannier.cli.main import main; sys.exit(main(['monitor', '--once']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "metrics of local" in done.stdout
