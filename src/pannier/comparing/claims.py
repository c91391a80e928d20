"""What is said of batches, beside what was measured.

The claims are those of the workshop chapter "Batch Operations". Two of them are not true of
DynamoDB: single calls do not consume more units, because a batch is metered as that many single
calls; and a projection does not lower them, because the whole item is metered before attributes are
left out (service model, `ConsumedCapacity`; Developer Guide, "Read and write operations").
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from pannier.comparing.comparison import BATCH, PROJECTED, SINGLE, Comparison, Measured

_MS: Final = 1000


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim.

    Attributes:
        name: a short one, which stays the same.
        said: what is said.
        holds: whether what was measured agrees.
        measured: what that was.
    """

    name: str
    said: str
    holds: bool
    measured: str

    def to_json(self) -> dict[str, Any]:
        """The claim as plain values."""
        return {
            "name": self.name, "said": self.said, "holds": self.holds, "measured": self.measured,
        }  # fmt: skip


def claims(comparison: Comparison) -> list[Claim]:
    """Every claim that the comparison has figures for."""
    found: list[Claim] = []
    for verb, ways in (("writes", comparison.writes), ("reads", comparison.reads)):
        if SINGLE in ways and BATCH in ways:
            found += _of_batches(verb, ways[SINGLE], ways[BATCH])
    if BATCH in comparison.reads and PROJECTED in comparison.reads:
        found += _of_projection(comparison.reads[BATCH], comparison.reads[PROJECTED])
    return found


def _of_batches(verb: str, single: Measured, batch: Measured) -> Iterator[Claim]:
    most = 25 if verb == "writes" else 100
    yield Claim(
        f"fewer-calls-{verb}",
        f"batches of {verb} take up to {most} times fewer calls",
        batch.calls < single.calls,
        _fewer(single.calls, batch.calls),
    )
    yield Claim(
        f"faster-{verb}",
        f"batches of {verb} take less time",
        batch.seconds < single.seconds,
        f"{batch.seconds * _MS:,.1f} ms instead of {single.seconds * _MS:,.1f} ms in all; one call "
        f"takes {batch.latency_s(50) * _MS:.2f} ms instead of {single.latency_s(50) * _MS:.2f} ms",
    )
    yield Claim(
        f"more-units-{verb}",
        f"single {verb} consume more units",
        single.units > batch.units,
        _units(single.units, batch.units, "single calls", "batches"),
    )


def _of_projection(full: Measured, projected: Measured) -> Iterator[Claim]:
    saved = full.received_bytes - projected.received_bytes
    yield Claim(
        "projection-bytes",
        "a projection answers fewer bytes",
        saved > 0,
        f"{projected.received_bytes:,.0f} instead of {full.received_bytes:,.0f} bytes: "
        f"{saved / full.received_bytes:.0%} saved",
    )
    yield Claim(
        "projection-units",
        "a projection lowers the read units",
        projected.units < full.units,
        _units(full.units, projected.units, "whole items", "projected ones"),
    )


def _units(one: float, other: float, one_name: str, other_name: str) -> str:
    if one == other:
        return f"{one:g} units for {one_name}, and the same for {other_name}"
    return f"{one:g} units for {one_name}, {other:g} for {other_name}"


def _fewer(single: float, batch: float) -> str:
    return f"{batch:,.0f} instead of {single:,.0f}: {single / batch:.3g} times fewer"
