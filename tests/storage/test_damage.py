"""Every file of a database is damaged in every way: see `damage` for the law, and longer runs."""

import random
from pathlib import Path

import pytest

from tests.storage.damage import Original, files_of, make, round_of

# What is in them is not answered to anybody; the longer runs damage them, too.
_SELDOM = ("IDENTITY", "OPTIONS", "rocksdict", "owner")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Original:
    return make(tmp_path_factory.mktemp("damage"))


@pytest.mark.parametrize("kind", ["flip", "truncate", "remove"])
def test_nothing_is_answered_that_was_not_written(
    original: Original, tmp_path: Path, kind: str
) -> None:
    ended = {}
    for name in files_of(original):
        if not name.name.startswith(_SELDOM):
            chance = random.Random(f"{name} {kind}")
            ended[name.name] = round_of(original, tmp_path, name, kind, chance)
    assert any(how.startswith("refused") for how in ended.values()), ended
    assert any(how.startswith("unharmed") for how in ended.values()), ended
