"""Runs pytest with nothing compiled: `python -m tests.compiled.run_pure tests/model`.

What was built lies beside its source, where Python would take it first. Here only sources are found
below `src/`.
"""

import sys
from importlib.machinery import SOURCE_SUFFIXES, FileFinder, SourceFileLoader

import pytest

from tests.compiled.hot_modules import ROOT


def _only_sources(path: str) -> FileFinder:
    if not path.startswith(str(ROOT / "src")):
        raise ImportError(path)
    return FileFinder(path, (SourceFileLoader, SOURCE_SUFFIXES))


if __name__ == "__main__":
    sys.path_hooks.insert(0, _only_sources)
    sys.path_importer_cache.clear()
    assert not any(name.partition(".")[0] == "pannier" for name in sys.modules)
    sys.exit(pytest.main(sys.argv[1:]))
