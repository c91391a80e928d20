"""What all tests share: a `pannier serve` of their own, and an environment without surprises."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.compiled.hot_modules import stale

EXAMPLES = Path(__file__).parent.parent / "examples"
TABLE = "demo-ecommerce-freetier"
_SURPRISES = ("PANNIER_TARGET", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_PROFILE")


def pytest_configure() -> None:
    """What was compiled must be of this source, or nothing that is seen here is true."""
    if stale():
        pytest.exit(
            f"compiled before the last change, run `make compiled`: {stale()}", returncode=3
        )


@pytest.fixture(autouse=True, scope="session")
def _own_runtime_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Jobs of tests leave word of themselves in a folder of the tests, not in the developer's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
        yield


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test may depend on, or reach, what the developer's own environment names."""
    for name in _SURPRISES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("COLUMNS", "100")


@contextmanager
def serving(*options: str, stop: signal.Signals = signal.SIGTERM) -> Iterator[tuple[str, int]]:
    """A `pannier serve` on a free port: its URL and process id. Ended by its id alone."""
    with serving_with_words(*options, stop=stop) as (words, pid):
        yield words.split("\n")[0].split(" at ")[1], pid


@contextmanager
def serving_with_words(
    *options: str, stop: signal.Signals = signal.SIGTERM
) -> Iterator[tuple[str, int]]:
    """As `serving`, but with all that the server says as it starts."""
    server = subprocess.Popen(
        [sys.executable, "-m", "pannier", "serve", "--port", "0", *options],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert server.stderr is not None
    try:
        lines = [server.stderr.readline()]
        assert " at http" in lines[0], f"the server said: {lines[0]}{server.stderr.read()}"
        while "Ctrl-C" not in lines[-1]:
            lines.append(server.stderr.readline())
        yield "".join(lines), server.pid
    finally:
        if server.poll() is None:
            os.kill(server.pid, stop)
        server.communicate(timeout=20)


def run_pannier(
    *arguments: str, cwd: Path, stdin: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the command as a user would, in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "pannier", *arguments],
        cwd=cwd,
        input=stdin,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
