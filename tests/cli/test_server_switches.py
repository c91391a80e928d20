"""`pannier throttle`, `faults` and `clock` beside a running `pannier serve`."""

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from pannier.cli.main import main
from tests.conftest import run_pannier, serving


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A working folder whose database a server holds, with everything on."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "faults.toml").write_text('seed = 3\n[[rules]]\nname = "half"\nleave = 0.5\n')
    options = ["--throttle", "--burst", "10", "--clock", "manual", "--clock-start", "1e9"]
    faults = ["--faults", str(folder / "faults.toml"), "--fault-seed", "9"]
    with serving("--path", str(folder / ".pannier"), *options, *faults):
        made = run_pannier("create-table", "shop", "--key", "PK:S", cwd=folder)
        assert made.returncode == 0, made.stderr
        yield folder


def run_here(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the command in this process, in a folder: far quicker than one of its own."""
    out, err = io.StringIO(), io.StringIO()
    with chdir(folder), redirect_stdout(out), redirect_stderr(err):
        try:
            status = main(arguments)
        except SystemExit as ended:
            status = int(ended.code or 0)
    return subprocess.CompletedProcess(arguments, status, out.getvalue(), err.getvalue())


def ran(folder: Path, *arguments: str) -> str:
    done = run_here(folder, *arguments)
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("server: http://127.0.0.1:")
    return done.stdout


def answered(folder: Path, *arguments: str) -> Any:
    return json.loads(ran(folder, *arguments, "--output", "json"))


def explained(done: "subprocess.CompletedProcess[str]", *texts: str) -> None:
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr
    for text in texts:
        assert text in done.stderr, done.stderr


def test_throttling_is_shown_and_switched(folder: Path):
    shown = ran(folder, "throttle")
    assert shown.startswith("throttling: on, 10 s of burst\n")
    assert "shop" in shown
    assert ran(folder, "throttle", "off") == "throttling: off, 10 s of burst\n"
    assert answered(folder, "throttle", "tables", "--burst", "0") == {
        "mode": "tables",
        "burst_s": 0,
    }
    explained(run_here(folder, "throttle", "--burst", "999"), "burst of 999 s", "0 to 300")
    explained(run_here(folder, "throttle", "maybe"), "maybe")
    assert answered(folder, "throttle")["mode"] == "tables"


def test_faults_are_shown_and_changed(folder: Path):
    shown = ran(folder, "faults")
    assert "seed 9" in shown, "the option goes before the file"
    assert "half" in shown
    assert "injected so far: nothing" in shown
    ran(folder, "faults", "clear")
    added = answered(folder, "faults", "add", '{"error": "InternalServerError", "times": 1}')
    assert added["rules"][0]["error"] == {"name": "InternalServerError"}
    assert run_here(folder, "tables").stdout == "shop\n", "tried again after one error"
    assert "InternalServerError 1" in ran(folder, "faults")
    (folder / "two.json").write_text('{"rules": [{"drop": "after"}, {"throttle": true}]}')
    two = answered(folder, "faults", "set", "two.json", "--seed", "4")
    assert (two["seed"], len(two["rules"])) == (4, 2)
    assert len(answered(folder, "faults", "clear", "rule-1", "rule-2")["rules"]) == 0
    assert ran(folder, "faults", "show").startswith("no fault rules\n")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("add", "{"), "this is no JSON"),
        (("add", '{"leave": 7}'), "rule 1: 'share' can't be 7"),
        (("add", "nowhere.toml"), "can't be read"),
        (("add",), "add takes one file"),
        (("set", "a", "b"), "set takes one file"),
        (("clear", "nobody"), "no fault rule 'nobody'"),
        (("show", "x"), "show takes no 'x'"),
        (("add", '{"leave": 1}', "--seed", "5"), "--seed goes with set"),
        (("set", "f", "--seed", "-1"), "-1' is no"),
    ],
)
def test_faults_that_cannot_be_are_explained(folder: Path, arguments: tuple[str, ...], says: str):
    explained(run_here(folder, "faults", *arguments), says)


def test_the_clock_is_shown_and_advanced(folder: Path):
    assert ran(folder, "clock").startswith("clock: 2001-09-09T01:46:40+00:00 (1000000000.000)")
    assert answered(folder, "clock", "advance", "90")["now_s"] == 1e9 + 90
    assert answered(folder, "clock", "advance", "2h")["now_s"] == 1e9 + 90 + 7200
    for wrong in (("advance",), ("show", "5"), ("advance", "soon"), ("advance", "h")):
        explained(run_here(folder, "clock", *wrong))


def test_a_target_with_options_says_how_to_switch_the_server(folder: Path):
    """The folder is the server's: options of the target can't be put in force here."""
    done = run_here(folder, "tables", "--target", "local?throttle=on")
    explained(done, "is served at http://127.0.0.1:", "pannier throttle on --target")


def test_where_no_server_is(tmp_path: Path):
    explained(run_here(tmp_path, "throttle"), "no server serves .pannier", "pannier serve")
    explained(run_here(tmp_path, "clock", "--target", "memory"), "is no server")
    explained(run_here(tmp_path, "clock", "--target", "aws"), "is no server")
    away = run_here(tmp_path, "faults", "--target", "http://example.com")
    explained(away, "not on this machine")
    nobody = run_here(tmp_path, "faults", "--target", "http://127.0.0.1:1")
    explained(nobody, "nobody answers", "pannier serve")


def test_a_server_without_a_manual_clock():
    with serving("--memory") as (url, _):
        done = run_here(Path.cwd(), "clock", "advance", "5", "--target", url)
        explained(done, "the machine's", "--clock manual")
        assert "the machine's" in ran(Path.cwd(), "clock", "--target", url)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--throttle", "maybe"), "invalid choice: 'maybe'"),
        (("--burst", "301"), "a burst of 301 s is not possible"),
        (("--burst", "-1"), "-1' is no"),
        (("--faults", "nowhere"), "can't be read"),
        (("--clock-start", "5"), "--clock manual"),
        (("--clock", "manual", "--clock-start", "soon"), "soon"),
        (("--fault-seed", "x"), "no whole number"),
    ],
)
def test_options_of_serve_that_cannot_be(tmp_path: Path, options: tuple[str, ...], says: str):
    explained(run_pannier("serve", "--memory", *options, cwd=tmp_path), says)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "first"),
    [
        ((), "pannier serves memory at "),
        (("--throttle",), "pannier serves memory (throttling on) at "),
        (("--throttle", "off", "--burst", "5"), "pannier serves memory at "),
        (
            ("--throttle=tables", "--burst", "0", "--clock", "manual"),
            "pannier serves memory (throttling of tables on with 0 s of burst, manual clock) at ",
        ),
    ],
)
def test_the_first_line_says_what_is_on(options: tuple[str, ...], first: str, tmp_path: Path):
    server = subprocess.Popen(
        [sys.executable, "-m", "pannier", "serve", "--memory", "--port", "0", *options],
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    )
    assert server.stderr is not None
    line = server.stderr.readline()
    os.kill(server.pid, signal.SIGTERM)
    server.communicate(timeout=20)
    assert line.startswith(first)
