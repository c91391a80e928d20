"""Readers fed with what libFuzzer makes up, led by which lines it has reached.

    python -m tests.fuzz.coverage expressions --seconds 120

Needs `atheris` (pip install atheris), which the tests do not: `test_targets` feeds the same
readers. What fails is written to `fuzz-failures`; `--replay FILE` tries it again.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

_FOLDER = Path("fuzz-failures")
_INPUT_BYTES_MAX = 6000
_TIMEOUT_S = 10  # of one input


def main() -> int:
    """Feed a target; ends with libFuzzer's own status."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.coverage", description=__doc__)
    parser.add_argument("target", help="e.g. expressions; a wrong one lists them")
    parser.add_argument("--seconds", type=int, default=120, help="(%(default)s)")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="an input to try again")
    options = parser.parse_args()
    try:
        import atheris
    except ImportError:
        parser.error("it needs one more library: pip install atheris")
    if options.replay is None:
        # All of the package is instrumented as it is imported, and `targets` imports it.
        with atheris.instrument_imports(include=["pannier"], enable_loader_override=False):
            from tests.fuzz import targets
    else:
        from tests.fuzz import targets
    target = targets.TARGETS.get(options.target)
    if target is None:
        parser.error(f"there is no {options.target}; there are: {', '.join(targets.TARGETS)}")
    if options.replay is not None:
        target(options.replay.read_bytes())
        return 0
    _feed(atheris, options.target, target, targets.SEEDS[options.target], options.seconds)
    return 0


def _feed(atheris: Any, name: str, target: Any, seeds: tuple[bytes, ...], seconds: int) -> None:
    corpus = _FOLDER / "corpus" / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    atheris.Setup(
        [
            sys.argv[0], str(corpus), f"-max_total_time={seconds}", f"-timeout={_TIMEOUT_S}",
            f"-max_len={_INPUT_BYTES_MAX}", f"-artifact_prefix={_FOLDER}/{name}-",
            "-print_final_stats=1", "-rss_limit_mb=2048", "-verbosity=0",
        ],
        target,
    )  # fmt: skip
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
