"""Every example of every `--help` works, in a folder with the files and tables that it names.

The examples of a command are run in their order, in one folder. What is set up beforehand is what a
user has who would type them: tables and files; a server, where the command is about one; a job that
was ended, where the example goes on with it. `aws` and the address of an example mean that server.
"""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pannier.cli.main import _COMMANDS
from tests.cli.help_examples import INDEX, fill_folder
from tests.cli.running import good, run
from tests.conftest import serving
from tests.spark.fixture import spark as spark  # the session, for the examples on a cluster

_OF_A_SERVER = ("monitor", "throttle", "faults", "clock")
# Each example of these needs things as they were before the others.
_EACH_ANEW = ("create-table", "delete-table", "faults", "wait")
_ASKS = ("pannier delete-table shop",)  # without a terminal there is nobody to ask
_COMMENT = re.compile(r"\s{2,}(#.*|[a-z][^'\"]*)$")
_URL = "http://127.0.0.1:8000"
_STOP = '[[rules]]\nskip = 1\noperations = ["Scan", "Batch*"]\nthrottle = true\n'
# A copy also needs pages of its source before it has anything to go on from.
_STOP_WRITES = '[[rules]]\nskip = 1\noperations = "BatchWriteItem"\nthrottle = true\n'


def examples(command: str) -> list[str]:
    """The lines that the help of a command shows as examples."""
    done = run(Path(), command, "--help")
    assert done.status == 0, done.err
    text = done.out.partition("examples:\n")[2].partition("\n\n")[0].replace("\\\n", " ")
    return [_COMMENT.sub("", line.strip()) for line in text.splitlines() if line.startswith("  ")]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with everything that examples name."""
    folder = tmp_path_factory.mktemp("template")
    fill_folder(folder)
    (folder / "stop.toml").write_text(_STOP)
    (folder / "stop-writes.toml").write_text(_STOP_WRITES)
    return folder


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    return shutil.copytree(template, tmp_path / "work")


def in_shell(folder: Path, line: str, **environment: str) -> None:
    """Run a line as it stands, in a shell."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-c", f"set -eo pipefail; {line}"],
        cwd=folder,
        env={**os.environ, **environment, "PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, f"{line}: {done.stderr}"


def ended_before(folder: Path, words: list[str]) -> None:
    """Begin the job that a line with --resume goes on with, and end it."""
    begun = [word for word in words if word != "--resume"]
    # A budget makes the pages of a scan small, so that there is more than one.
    budget = ("--read-units", "100") if words[0] in ("scan", "copy") else ()
    faults = "stop-writes.toml" if words[0] == "copy" else "stop.toml"
    target = ("--target", f"local?faults={faults}", "--parallel", "1", "--give-up-after", "0.1")
    assert run(folder, *begun, *target, *budget).status == 1


def check(folder: Path, line: str, url: str) -> None:
    """Run an example; it ends well."""
    served = line.replace(_URL, url)
    words = shlex.split(served)
    if words[0] != "pannier" or "|" in words:
        in_shell(folder, served)
        return
    words = words[1:]
    if "--resume" in words:
        ended_before(folder, words)
    done = run(folder, *words)
    if line in _ASKS:
        assert done.status == 1
        assert "--yes" in done.err
        return
    assert "Traceback" not in done.err
    assert done.status == 0, f"{line}: {done.err}"


@pytest.fixture
def server(folder: Path) -> Iterator[str]:
    """A server on the folder's database."""
    with serving("--path", str(folder / ".pannier"), "--clock", "manual") as (url, _):
        yield url


def is_about_others(command: str) -> bool:
    # These run until they are ended, or set something up: they have tests of their own.
    return command in ("serve", "console", "completion", "workshop")


@pytest.mark.parametrize("command", [each for each in _COMMANDS if not is_about_others(each)])
def test_every_example_of_the_help_works(
    command: str, folder: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = examples(command)
    assert lines, "a command without an example"
    url = ""
    on_spark = [line for line in lines if " --spark " in line]
    lines = [line for line in lines if line not in on_spark]
    if command in _OF_A_SERVER or any(" aws" in line for line in lines):
        url = request.getfixturevalue("server")
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        monkeypatch.setenv("PANNIER_TARGET", url)
    if command == "diff":
        for to in (("shop-2",), ("shop", "--to-target", "local:backup")):
            good(folder, "copy", "shop", *to, "--create", "--report", "none")
    if command == "monitor":  # the job that its last example follows
        good(folder, "scan", "shop", "--out", "shop.jsonl", "--report", "none")
    for line in lines:
        if line.startswith("pannier serve"):
            continue  # the server is there already
        if command in _EACH_ANEW:
            as_before(command, line, folder)
        check(folder, line, url)
    if on_spark:
        request.getfixturevalue("spark")
        url = request.getfixturevalue("server")
        for line in on_spark:
            done = run(folder, *in_this_session(shlex.split(line)[1:], url))
            assert done.status == 0, f"{line}: {done.err}"


def in_this_session(words: list[str], url: str) -> list[str]:
    """An example for a cluster and AWS, for the session and the server of these tests."""
    options = {"--target": ["--target", url], "--spark": ["--spark", "active"], "--spark-conf": []}
    made: list[str] = []
    rest = iter(words)
    for word in rest:
        made += options.get(word, [word])
        if word in options:
            next(rest)
    return made


def as_before(command: str, line: str, folder: Path) -> None:
    """What the example expects, whatever the examples before it did."""
    if command == "faults":
        good(folder, "faults", "set", "faults.toml")
        return
    run(folder, "delete-table", "shop", "--yes")
    if command != "create-table" and "--gone" not in line:
        good(folder, "create-table", "shop", "--key", "PK:S,SK:S", *INDEX)


@pytest.mark.parametrize("line", examples("serve"))
def test_every_example_of_serve_serves(line: str, folder: Path) -> None:
    words = shlex.split(line)
    if words[0] != "pannier":
        with serving("--path", str(folder / ".pannier")) as (url, _):
            in_shell(folder, line.replace(_URL, url))
        return
    words = [word.replace("/tmp/", f"{folder}/") for word in words[2:]]
    if "--port" not in words:
        words += ["--port", "0"]
    program = subprocess.Popen(
        [sys.executable, "-m", "pannier", "serve", *words],
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert program.stderr is not None
        assert " at http" in program.stderr.readline()
    finally:
        program.send_signal(signal.SIGTERM)
        program.communicate(timeout=20)
    assert program.returncode in (0, -signal.SIGTERM)


@pytest.mark.parametrize("line", examples("completion"))
def test_every_example_of_completion_works_in_its_shell(line: str, folder: Path) -> None:
    shell = next(word for word in ("bash", "zsh", "fish") if word in line)
    if shell == "bash":
        in_shell(folder, line)
        return
    assert good(folder, "completion", shell).out
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell} here; its code was printed")
