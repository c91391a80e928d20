"""`pannier wait`."""

from pathlib import Path

from tests.conftest import run_pannier


def test_a_table_that_is_there_is_not_waited_for(tmp_path: Path) -> None:
    assert run_pannier("create-table", "shop", "--key", "PK:S", cwd=tmp_path).returncode == 0
    assert run_pannier("wait", "shop", cwd=tmp_path).returncode == 0
    assert run_pannier("wait", "nowhere", "--gone", cwd=tmp_path).returncode == 0


def test_patience_has_an_end_that_says_what_is_lacking(tmp_path: Path) -> None:
    done = run_pannier("wait", "shop", "--for", "0", cwd=tmp_path)
    assert done.returncode == 1
    assert "there is no table shop" in done.stderr
    assert run_pannier("create-table", "shop", "--key", "PK:S", cwd=tmp_path).returncode == 0
    done = run_pannier("wait", "shop", "--gone", "--for", "0.1", cwd=tmp_path)
    assert done.returncode == 1
    assert "shop is ACTIVE" in done.stderr
