"""What is accepted, and why: `policy.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

POLICY: Final = Path(__file__).with_name("policy.toml")
CONSTRAINTS: Final = Path(__file__).parents[1] / "constraints.txt"


@dataclass(frozen=True, slots=True)
class Policy:
    """What is accepted of the packages.

    Attributes:
        accepted: SPDX identifiers of licences.
        words: what packages write instead of them.
        read: the licences of packages whose own words say nothing, by package.
        vulnerabilities: known ones that do not touch us, with the reason.
    """

    accepted: frozenset[str]
    words: Mapping[str, str]
    read: Mapping[str, str]
    vulnerabilities: Mapping[str, str]


def read_policy(path: Path = POLICY) -> Policy:
    """The policy in a file."""
    content = tomllib.loads(path.read_text())
    licences = content["licences"]
    return Policy(
        frozenset(licences["accepted"]),
        licences["words"],
        licences["read"],
        content["vulnerabilities"],
    )


def pinned(path: Path = CONSTRAINTS) -> dict[str, str]:
    """The version of each pinned package, by its normalised name."""
    lines = (line.partition("#")[0].strip() for line in path.read_text().splitlines())
    pins = (line.partition(";")[0].partition("==") for line in lines if line)
    return {name.strip().lower().replace("_", "-"): version.strip() for name, _, version in pins}
