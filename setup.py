"""Compiles the modules on the hot path with mypyc; everything else is in `pyproject.toml`.

The modules named in `compiled.txt` are ordinary typed Python. Compiled they do the same, faster;
where they can't be compiled (no C compiler, no headers of Python), or where `PANNIER_PURE=1` asks
for it, they are installed as they are. Why mypyc, and what it gains:
`docs/decisions/0014-compiled-modules.md`.
"""

import os
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_ext import build_ext

_ROOT = Path(__file__).parent


class _BuildOrGoWithout(build_ext):
    """Compiles all of the modules or none."""

    def run(self) -> None:
        """Compile them."""
        try:
            super().run()
        except Exception as error:  # whatever it is, the modules run as they are, only slower
            _say(f"they could not be compiled ({str(error)[:100]} ...).")
            _say("on Debian, install what compiles them: apt install gcc python3-dev")
            for module in self.extensions:
                Path(self.get_ext_fullpath(module.name)).unlink(missing_ok=True)
                Path("src", self.get_ext_filename(module.name)).unlink(missing_ok=True)
            self.extensions = []


def _say(why: str) -> None:
    print(f"The hot modules of Pannier stay pure Python: {why}", file=sys.stderr)


def _extensions() -> list[object]:
    if os.environ.get("PANNIER_PURE", "0") not in ("", "0"):
        _say("PANNIER_PURE is set.")
        return []
    try:
        from mypyc.build import mypycify
    except ImportError:
        _say("mypy is not installed.")
        return []
    os.chdir(_ROOT)
    lines = Path("compiled.txt").read_text("utf-8").splitlines()
    modules = [f"src/{line}" for line in lines if line and not line.startswith("#")]
    return list(mypycify(modules, opt_level="3", debug_level="0", group_name="pannier"))


setup(ext_modules=_extensions(), cmdclass={"build_ext": _BuildOrGoWithout})
