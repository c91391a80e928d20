"""Licences: what is accepted is what the policy says, however packages write it."""

from dataclasses import replace

import pytest

from supply.licences import refused, written
from supply.policy import Policy, pinned, read_policy

POLICY = Policy(
    accepted=frozenset({"MIT", "Apache-2.0", "BSD-3-Clause"}),
    words={"MIT License": "MIT"},
    read={"quiet": "MIT"},
    vulnerabilities={},
)


@pytest.mark.parametrize(
    "words",
    [
        "MIT",
        "MIT License",
        "MIT License; Apache-2.0",
        "MIT AND Apache-2.0",
        "GPL-3.0-only OR MIT",
        "MIT AND (GPL-3.0-only OR BSD-3-Clause)",
    ],
)
def test_accepted(words: str) -> None:
    assert list(refused({"one": words}, POLICY)) == []


@pytest.mark.parametrize(
    "words",
    [
        "GPL-3.0-only",
        "MIT AND GPL-3.0-only",
        "MIT License; GPL-3.0-only",
        "Apache-2.0 WITH LLVM-exception",
        "UNKNOWN",
        "",
        "All rights reserved",
        "MIT AND",
    ],
)
def test_refused(words: str) -> None:
    """What is not said, or not understood, is not accepted."""
    [line] = refused({"one": words}, POLICY)
    assert line.startswith("one: the licence")


def test_a_licence_that_was_read_counts_if_it_is_accepted() -> None:
    assert list(refused({"quiet": "UNKNOWN"}, POLICY)) == []
    stricter = replace(POLICY, accepted=frozenset({"Apache-2.0"}))
    assert list(refused({"quiet": "UNKNOWN"}, stricter)) == ["quiet: MIT is not accepted"]


def test_everything_that_is_pinned_is_accepted() -> None:
    """The packages of this environment, as they are."""
    said = written(pinned())
    assert {"botocore", "nicegui", "orjson", "rocksdict", "uvloop"} <= said.keys()
    assert list(refused(said, read_policy())) == []


def test_what_was_read_is_pinned() -> None:
    assert read_policy().read.keys() <= pinned().keys()
