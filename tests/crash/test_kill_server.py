"""`pannier serve` is killed (SIGKILL) under mixed load; nothing answered is lost, nothing is half.

The promise: a write that was answered is there after `kill -9`, a batch or a transaction is there
whole or not at all, an index never disagrees with its table, nor a stream with its history.
`python -m tests.crash` does the same hundreds of times.
"""

from pathlib import Path

import pytest

from tests.crash.server_killing import Episode, Totals

KILLS = 4


@pytest.mark.parametrize("durability", ["synced", "relaxed"])
def test_nothing_answered_is_lost(tmp_path: Path, durability: str) -> None:
    totals = Totals()
    Episode(tmp_path, f"server-{durability}", durability, totals).run(KILLS)
    assert not totals.findings, totals.findings.words
    assert totals.kills == KILLS + 1  # one as the folder was made
    assert totals.answered > KILLS * 10  # else nothing was tried
