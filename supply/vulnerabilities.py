"""Whether a vulnerability is known of a pinned package.

`pip-audit` asks the package index. Where no index answers that question, or there is no network,
nothing can be said, and that is what is said.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from supply.policy import CONSTRAINTS

_TIMEOUT_S: Final = 10
_SHOWN_CHARACTERS: Final = 120


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit found.

    Attributes:
        audited: how many packages something is known about, be it that there is nothing.
        unknown: how many nothing is known about.
        found: a line for each vulnerability that is not accepted.
        unused: accepted vulnerabilities that no package has.
        trouble: why there was no audit, or nothing.
    """

    audited: int = 0
    unknown: int = 0
    found: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    trouble: str = ""


def audit(accepted: Mapping[str, str], run: Callable[[], tuple[str, str]] | None = None) -> Audit:
    """Audit the pinned packages.

    Args:
        accepted: identifiers that are known and do not touch us.
        run: runs `pip-audit`; returns its output and what it complains of.
    """
    output, complaint = (run or _run)()
    try:
        packages = json.loads(output)["dependencies"]
    except (ValueError, KeyError, TypeError):
        lines = complaint.strip().splitlines() or ["pip-audit said nothing"]
        return Audit(trouble=lines[-1][:_SHOWN_CHARACTERS])
    known = [each for each in packages if "skip_reason" not in each]
    seen: set[str] = set()
    found = []
    for package in known:
        for vulnerability in package["vulns"]:
            names = {vulnerability["id"], *vulnerability.get("aliases", ())}
            seen |= names
            if not names & accepted.keys():
                found.append(_line(package, vulnerability))
    unused = tuple(name for name in accepted if name not in seen) if known else ()
    return Audit(len(known), len(packages) - len(known), tuple(found), unused)


def _line(package: Mapping[str, Any], vulnerability: Mapping[str, Any]) -> str:
    versions = ", ".join(vulnerability["fix_versions"]) or "no version yet"
    return f"{package['name']} {package['version']}: {vulnerability['id']}, mended in {versions}"


def _run() -> tuple[str, str]:
    options = ["--no-deps", "--disable-pip", "--progress-spinner", "off", "--format", "json"]
    ended = subprocess.run(  # noqa: S603  # a tool of this environment
        [
            *(sys.executable, "-m", "pip_audit", "--requirement", str(CONSTRAINTS)),
            *("--desc", "off", "--timeout", str(_TIMEOUT_S), *options),
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    return ended.stdout, ended.stderr
