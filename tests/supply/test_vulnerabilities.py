"""What `pip-audit` says, and what is made of it. Its answers are made here: it needs a network."""

import json
from typing import Any

import pytest

from supply import __main__ as command
from supply.vulnerabilities import Audit, audit

FOUND: dict[str, Any] = {
    "name": "leaky",
    "version": "1.0",
    "vulns": [{"id": "PYSEC-2026-1", "aliases": ["CVE-2026-1"], "fix_versions": ["1.1"]}],
}
CLEAN: dict[str, Any] = {"name": "tight", "version": "2.0", "vulns": []}
UNKNOWN: dict[str, Any] = {"name": "private", "version": "3", "skip_reason": "not found"}


def audited(*packages: dict[str, Any], accepted: tuple[str, ...] = ()) -> Audit:
    output = json.dumps({"dependencies": packages, "fixes": []})
    return audit(dict.fromkeys(accepted, "does not touch us"), lambda: (output, ""))


def test_a_vulnerability_is_named_with_what_mends_it() -> None:
    result = audited(FOUND, CLEAN, UNKNOWN)
    assert (result.audited, result.unknown) == (2, 1)
    assert result.found == ("leaky 1.0: PYSEC-2026-1, mended in 1.1",)


@pytest.mark.parametrize("name", ["PYSEC-2026-1", "CVE-2026-1"])
def test_what_is_accepted_is_not_found_again(name: str) -> None:
    assert audited(FOUND, accepted=(name,)).found == ()


def test_what_nothing_has_any_more_need_not_be_accepted() -> None:
    assert audited(CLEAN, accepted=("CVE-2020-1",)).unused == ("CVE-2020-1",)


def test_an_index_that_knows_nothing_is_no_clean_bill() -> None:
    result = audited(UNKNOWN, accepted=("CVE-2020-1",))
    assert (result.audited, result.unknown, result.unused) == (0, 1, ())


def test_no_network_is_said_in_its_own_words() -> None:
    result = audit({}, lambda: ("", "Traceback ...\nConnectionError: no route"))
    assert result.trouble == "ConnectionError: no route"
    assert audit({}, lambda: ("", "")).trouble == "pip-audit said nothing"


@pytest.mark.parametrize(
    ("result", "status", "words"),
    [
        (Audit(trouble="no route"), 0, "NOT AUDITED, the index can't be asked: no route"),
        (Audit(unknown=3), 0, "NOT AUDITED, the index knows nothing of 3 packages"),
        (Audit(audited=3), 0, "3 packages audited"),
        (Audit(audited=3, found=("leaky 1.0: X",)), 1, "  leaky 1.0: X"),
        (Audit(audited=3, unused=("CVE-1",)), 1, "no package has it: CVE-1"),
    ],
)
def test_the_command_says_what_is_known_and_fails_for_what_was_found(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    result: Audit,
    status: int,
    words: str,
) -> None:
    monkeypatch.setattr(command, "audit", lambda _: result)
    assert command.main() == status
    assert words in capsys.readouterr().out
