"""Peers from the package registries, pinned, into a cache folder, once.

Each recipe returns the folder that holds the peer. What cannot be had here is said with
`UnavailableError`, whose text ends up in the table of results.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

_INSTALL_TIMEOUT_S = 600
_VERSION_TIMEOUT_S = 10
_DONE = ".installed"


class UnavailableError(Exception):
    """A server cannot be measured here; the text says why."""


class Package(Protocol):
    """A way to get a peer."""

    @property
    def label(self) -> str:
        """What is pinned, as shown in the results."""

    def install(self, cache: Path, /) -> Path:
        """The folder that holds it, installed where it was not yet."""


@dataclass(frozen=True)
class Checkout:
    """Nothing to install: the package as this interpreter imports it."""

    label: str = "this checkout"

    def install(self, _cache: Path, /) -> Path:
        """The working directory."""
        return Path.cwd()


@dataclass(frozen=True)
class Npm:
    """A package from npm with its dependencies; no install scripts are run."""

    name: str
    version: str

    @property
    def label(self) -> str:
        """Registry, name and version."""
        return f"npm {self.name} {self.version}"

    def install(self, cache: Path) -> Path:
        """The folder above `node_modules`."""
        home = _home(cache, self.name, self.version)
        if not _is_done(home):
            pinned = f"{self.name}@{self.version}"
            flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
            _run(["npm", "install", "--prefix", str(home), *flags, pinned])
            _mark_done(home)
        return home


@dataclass(frozen=True)
class NpmTarball:
    """A package from npm that carries a program: only its own files are wanted.

    *platform* is where the program runs, as "system-machine", or empty for anywhere;
    *needs* are commands that must be there to run it.
    """

    name: str
    version: str
    platform: str = ""
    needs: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Registry, name and version."""
        return f"npm {self.name} {self.version}"

    def install(self, cache: Path) -> Path:
        """The unpacked package."""
        here = f"{platform.system()}-{platform.machine()}".lower()
        if self.platform and self.platform != here:
            raise UnavailableError(f"its binary is for {self.platform}, this is {here}")
        for command in self.needs:
            if shutil.which(command) is None:
                raise UnavailableError(f"needs {command}, which is not installed")
        home = _home(cache, self.name, self.version)
        if not _is_done(home):
            pinned = f"{self.name}@{self.version}"
            pack = ["npm", "pack", pinned, "--silent", "--pack-destination", str(home)]
            _run(pack)
            for archive in home.glob("*.tgz"):
                with tarfile.open(archive) as packed:
                    packed.extractall(home, filter="data")
                archive.unlink()
            _mark_done(home)
        return home / "package"


@dataclass(frozen=True)
class Pip:
    """A package from PyPI in a virtual environment of its own."""

    name: str
    version: str
    extra: str = ""
    python_min: tuple[int, int] = (3, 11)

    @property
    def label(self) -> str:
        """Registry, name and version."""
        return f"PyPI {self.name} {self.version}"

    def install(self, cache: Path) -> Path:
        """The virtual environment."""
        home = _home(cache, self.name, self.version)
        if not _is_done(home):
            python = _python(self.python_min)
            _run([python, "-m", "venv", str(home)])
            extra = f"[{self.extra}]" if self.extra else ""
            pinned = f"{self.name}{extra}=={self.version}"
            quiet = ["--quiet", "--disable-pip-version-check"]
            _run([str(home / "bin" / "python"), "-m", "pip", "install", *quiet, pinned])
            _mark_done(home)
        return home


def _home(cache: Path, name: str, version: str) -> Path:
    """The package's folder; what an earlier, broken installation left is removed."""
    home = cache / f"{name.replace('@', '').replace('/', '-')}-{version}"
    if home.exists() and not _is_done(home):
        shutil.rmtree(home)
    home.mkdir(parents=True, exist_ok=True)
    return home


def _is_done(home: Path) -> bool:
    return (home / _DONE).exists()


def _mark_done(home: Path) -> None:
    (home / _DONE).touch()


def _run(command: list[str]) -> None:
    shown = " ".join(command[:3])
    try:
        subprocess.run(
            command,
            check=True,
            timeout=_INSTALL_TIMEOUT_S,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
    except FileNotFoundError as reason:
        raise UnavailableError(f"needs {command[0]}, which is not installed") from reason
    except subprocess.TimeoutExpired as reason:
        raise UnavailableError(f"{shown} took over {_INSTALL_TIMEOUT_S} s") from reason
    except subprocess.CalledProcessError as reason:
        last = (reason.stderr or "").strip().splitlines()[-1:] or ["no message"]
        raise UnavailableError(f"{shown} failed: {last[0]}") from reason


def _python(version_min: tuple[int, int]) -> str:
    """An interpreter of at least that version: this one, or another found here."""
    for candidate in _pythons(version_min):
        if _python_version(candidate) >= version_min:
            return candidate
    wanted = ".".join(map(str, version_min))
    raise UnavailableError(f"needs Python {wanted} or newer, and none was found")


def _pythons(version_min: tuple[int, int]) -> Iterator[str]:
    yield sys.executable
    for minor in range(version_min[1], version_min[1] + 4):
        yield f"python{version_min[0]}.{minor}"
    beside = Path(sys.base_prefix).parent  # pyenv and the like keep versions side by side.
    yield from sorted(map(str, beside.glob("*/bin/python3")))


def _python_version(interpreter: str) -> tuple[int, int]:
    """Its version, or (0, 0) where it does not run (a shim of a version not chosen)."""
    ask = "import sys, venv, ensurepip; print(*sys.version_info[:2])"
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    try:
        told = subprocess.run(
            [interpreter, "-c", ask],
            capture_output=True,
            text=True,
            timeout=_VERSION_TIMEOUT_S,
            check=True,
            env=environment,
        )
        major, minor = told.stdout.split()
    except (OSError, subprocess.SubprocessError, ValueError):
        return (0, 0)
    return int(major), int(minor)
