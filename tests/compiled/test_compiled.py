"""Compiled or not, the hot modules do the same."""

import importlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.compiled.hot_modules import ROOT, SUFFIXES, hot_modules

# What the hot modules do is seen best from these; the whole suite runs on what was compiled.
_TESTS = (
    "tests/model",
    "tests/conformance",
    "tests/batch/test_encoding.py",
    "tests/batch/test_lanes.py",
    "tests/batch/test_prepared_operations.py",
    "tests/batch/writes/test_write_job.py",
    "tests/files/test_json_floats.py",
)


def _name(source: Path) -> str:
    return ".".join(source.relative_to(ROOT / "src").with_suffix("").parts)


def test_where_there_is_a_compiler_the_suite_runs_on_what_was_compiled() -> None:
    if shutil.which(os.environ.get("CC", "gcc")) is None:
        pytest.skip(
            "no C compiler here (Debian: apt install gcc python3-dev); all ran as pure Python"
        )
    files = {
        _name(source): importlib.import_module(_name(source)).__file__ for source in hot_modules()
    }
    assert {name for name, file in files.items() if not str(file).endswith(SUFFIXES)} == set()


def test_pure_python_does_the_same() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tests.compiled.run_pure", "-q", "-p", "no:cacheprovider", *_TESTS],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-1000:]


def test_the_pure_run_is_pure() -> None:
    code = (
        "import sys, runpy; sys.argv = ['run_pure', '--version']\n"
        "try: runpy.run_module('tests.compiled.run_pure', run_name='__main__')\n"
        "except SystemExit: pass\n"
        "import pannier.model.number as number; print(number.__file__)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert run.stdout.strip().endswith("number.py")
