"""Settings of `pannier.toml` and of the environment: which win, and what is said of bad ones."""

import json
from pathlib import Path

import pytest

from tests.conftest import run_pannier


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("PANNIER_TARGET", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def shown(folder: Path) -> dict[str, tuple[object, str]]:
    done = run_pannier("config", "--output", "json", cwd=folder)
    assert done.returncode == 0, done.stderr
    return {
        f"{each['command']}.{each['name']}" if each["command"] else each["name"]: (
            each["value"],
            each["origin"],
        )
        for each in json.loads(done.stdout)
    }


def test_without_settings_the_target_is_the_default(folder: Path) -> None:
    assert shown(folder) == {"target": ("local", "default")}


def test_the_environment_is_stronger_than_the_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "pannier.toml").write_text(
        'target = "memory"\nparallel = 4\nwrite-units = "50%"\n[write]\nevery_write = true\n'
    )
    monkeypatch.setenv("PANNIER_PARALLEL", "8")
    assert shown(folder) == {
        "target": ("memory", "pannier.toml"),
        "parallel": ("8", "PANNIER_PARALLEL"),
        "write_units": ("50%", "pannier.toml"),
        "write.every_write": (True, "pannier.toml, [write]"),
    }
    monkeypatch.setenv("PANNIER_TARGET", "local:other")
    assert shown(folder)["target"] == ("local:other", "PANNIER_TARGET")


def test_settings_are_options_and_typed_ones_win(folder: Path) -> None:
    (folder / "pannier.toml").write_text('target = "local:data"\n[write]\nreport = "json"\n')
    assert run_pannier("create-table", "shop", "--key", "PK:S", cwd=folder).returncode == 0
    assert (folder / "data").is_dir()
    (folder / "items.jsonl").write_text('{"PK": "a"}\n')
    done = run_pannier("write", "items.jsonl", "--table", "shop", cwd=folder)
    assert "local (data)" in done.stderr
    assert '"written": 1' in done.stderr
    done = run_pannier("write", "items.jsonl", "--table", "shop", "--report", "none", cwd=folder)
    assert '"written"' not in done.stderr
    done = run_pannier("tables", "--target", "local:elsewhere", cwd=folder)
    assert "no tables yet" in done.stderr


def test_another_file_may_be_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "mine.toml").write_text('target = "local:mine"\n')
    monkeypatch.setenv("PANNIER_CONFIG", "mine.toml")
    assert shown(folder)["target"] == ("local:mine", "mine.toml")
    monkeypatch.setenv("PANNIER_CONFIG", "none.toml")
    done = run_pannier("config", cwd=folder)
    assert done.returncode == 1
    assert "none.toml can't be read: No such file" in done.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("parallel 4", "pannier.toml is no TOML"),
        ("paralel = 4", "there is no setting paralel for all commands"),
        ("[wrote]\na = 1", "[wrote], which is no command"),
        ("[tables]\nparallel = 4", "pannier tables has no option --parallel"),
        ("parallel = 2000-01-01", "parallel can't be"),
        ("[tables.deep]\na = 1", "deep can't be"),
        ('[tables]\ntarget = "nowhere"', "there is no target 'nowhere'"),
    ],
)
def test_what_is_wrong_is_said_without_a_traceback(folder: Path, text: str, words: str) -> None:
    (folder / "pannier.toml").write_text(text)
    done = run_pannier("tables", cwd=folder)
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_bad_value_is_traced_to_its_place(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PANNIER_PARALLEL", "many")
    done = run_pannier("write", "items.jsonl", cwd=folder)
    assert done.returncode == 2
    assert "'many' is no whole number above 0" in done.stderr
    assert "it is set in PANNIER_PARALLEL" in done.stderr


def test_settings_do_not_stand_in_the_way_of_help(folder: Path) -> None:
    (folder / "pannier.toml").write_text("parallel = 4\n")
    assert run_pannier("tables", "--help", cwd=folder).returncode == 0
    assert run_pannier("--version", cwd=folder).returncode == 0
    assert run_pannier(cwd=folder).returncode == 2
