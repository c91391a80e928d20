"""The console as a process: on demand beside a server, alone, and its end in every case."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import pannier
from tests.conftest import run_pannier, serving, serving_with_words
from tests.console.browser import serving_console

WAIT_S = 20


@contextmanager
def console(*options: str, cwd: Path, **environment: str) -> Iterator[tuple[str, str, int]]:
    """A `pannier console`: its target's line, its URL, its process id."""
    process = subprocess.Popen(
        [sys.executable, "-m", "pannier", "console", "--port", "0", *options],
        cwd=cwd,
        env={**os.environ, **environment},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        lines = [process.stderr.readline(), process.stderr.readline()]
        assert lines[1].startswith("console: http"), lines + process.stderr.readlines()
        yield lines[0].strip(), lines[1].split()[1], process.pid
    finally:
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=WAIT_S)
    assert process.returncode == 0, said
    assert "Traceback" not in said


def read(url: str) -> str:
    """A page, as a browser with cookies gets it."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    with opener.open(url, timeout=WAIT_S) as answer:
        return answer.read().decode()


def eventually(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < until, "it did not come to pass"
        time.sleep(0.05)


def children(pid: int) -> list[int]:
    """The processes that a process started and that are still there."""
    listed = subprocess.run(
        ["ps", "--ppid", str(pid), "-o", "pid=", "-o", "stat="],
        capture_output=True,
        text=True,
        check=False,
    )
    rows = [line.split() for line in listed.stdout.splitlines()]
    return [int(row[0]) for row in rows if not row[1].startswith("Z")]


def alive(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def test_a_server_has_no_console_process_until_somebody_looks():
    with serving_with_words("--memory") as (words, pid):
        url = re.findall(r"console: (http\S+)", words)[0]
        assert children(pid) == []
        assert "Tables" in read(url)
        assert len(children(pid)) == 1


def test_the_console_ends_with_the_server():
    with serving_with_words("--memory") as (words, pid):
        read(re.findall(r"console: (http\S+)", words)[0])
        (process,) = children(pid)
    eventually(lambda: not alive(process))


def test_the_console_ends_with_a_server_that_is_killed():
    with serving_with_words("--memory", stop=signal.SIGKILL) as (words, pid):
        read(re.findall(r"console: (http\S+)", words)[0])
        (process,) = children(pid)
    eventually(lambda: not alive(process))


def test_a_console_that_broke_is_started_again_by_the_next_visitor():
    """And the same token still counts: it is the server's to give."""
    with serving_with_words("--memory") as (words, pid):
        url = re.findall(r"console: (http\S+)", words)[0]
        read(url)
        (first,) = children(pid)
        os.kill(first, signal.SIGKILL)
        eventually(lambda: not alive(first))
        assert "Tables" in read(url)
        (second,) = children(pid)
        assert second != first


def test_no_console():
    with serving_with_words("--memory", "--no-console") as (words, pid):
        assert "console" not in words
        assert children(pid) == []


def test_the_port_of_the_console_may_be_named():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    with serving_console("--memory", "--console-port", str(port)) as (_, url):
        assert urlsplit(url).port == port
        assert "Tables" in read(url)


def test_a_named_port_that_is_in_use_is_said(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        for command in (["serve", "--memory", "--console-port"], ["console", "--port"]):
            more = ["--port", "0"] if command[0] == "serve" else ["--target", "memory"]
            done = run_pannier(*command, port, *more, cwd=tmp_path)
            assert done.returncode == 1
            assert "Traceback" not in done.stderr
            assert f"the console can't have port {port}" in done.stderr
            assert "Use another" in done.stderr


def test_without_nicegui_a_server_says_how_to_get_the_console(tmp_path: Path):
    hidden = tmp_path / "sitecustomize.py"
    hidden.write_text(
        "import importlib.util as u\n_f = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name == 'nicegui' else _f(name, *a)\n"
    )
    done = run_pannier("console", cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    assert "pip install 'pannier[console]'" in done.stderr
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(tmp_path)
    try:
        with serving_with_words("--memory") as (words, _):
            assert "console: not installed (pip install 'pannier[console]')" in words
    finally:
        os.environ.pop("PYTHONPATH")
        if before is not None:
            os.environ["PYTHONPATH"] = before


def test_a_folder_that_nobody_serves_gets_a_server_for_as_long(tmp_path: Path):
    """Others talk to it meanwhile, and what they wrote is there afterwards."""
    with console(cwd=tmp_path) as (target, url, pid):
        assert target.startswith("target: local (.pannier, served at http://127.0.0.1:")
        assert "Tables" in read(url)
        made = run_pannier("create-table", "shop", "--key", "PK:S", cwd=tmp_path)
        assert made.returncode == 0, made.stderr
        assert "served at" in made.stderr
        assert len(children(pid)) == 1
    with pannier.connect(f"local:{tmp_path / '.pannier'}") as connection:
        assert connection.tables() == ["shop"]


def test_a_folder_that_is_served_is_seen_through_its_server(tmp_path: Path):
    folder = tmp_path / "db"
    with (
        serving("--path", str(folder), "--no-console") as (server, _),
        console("--target", f"local:{folder}", cwd=tmp_path) as (target, url, pid),
    ):
        assert server in target
        assert "Tables" in read(url)
        assert children(pid) == []


def test_memory_and_its_options(tmp_path: Path):
    with console("--target", "memory?throttle=on&burst=0", cwd=tmp_path) as (target, url, _):
        assert target == "target: memory (gone when the console ends)"
        assert "Tables" in read(url)


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("nowhere", "there is no target 'nowhere'"),
        ("memory?throttle=perhaps", "perhaps"),
        ("memory?colour=red", "colour"),
        ("local:/dev/null/x", "can't be used"),
    ],
)
def test_targets_that_can_not_be_had(tmp_path: Path, target: str, says: str):
    done = run_pannier("console", "--port", "0", "--target", target, cwd=tmp_path)
    assert done.returncode in (1, 2)
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_server_that_can_not_be_reached_is_said_in_the_page(tmp_path: Path):
    """The console itself starts: the server may come later."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"http://127.0.0.1:{other.getsockname()[1]}"
    with console("--target", address, cwd=tmp_path) as (_, url, _pid):
        assert "Tables" in read(url)


def test_aws_is_read_only_unless_told_otherwise(tmp_path: Path):
    with serving("--memory", "--no-console") as (server, _):
        here = {"AWS_ENDPOINT_URL_DYNAMODB": server}
        for options, shown in (([], True), (["--allow-writes"], False)):
            with console("--target", "aws", *options, cwd=tmp_path, **here) as (_, url, _pid):
                assert ("read only" in read(url)) == shown


def test_the_token_is_in_no_process_title():
    with serving_with_words("--memory") as (words, pid):
        url = re.findall(r"console: (http\S+)", words)[0]
        read(url)
        token = url.partition("token=")[2]
        for process in (pid, *children(pid)):
            assert token.encode() not in Path(f"/proc/{process}/cmdline").read_bytes()
