"""The servers that are measured: how to get each, how to start it, where it keeps items.

To add one, add a row. In a command, `{home}` is where the package is, `{port}` the port
to listen on, `{data}` a fresh folder for what is kept, `{python}` this interpreter.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from benchmarks.installs import Checkout, Npm, NpmTarball, Package, Pip

MEMORY = "memory"
DISK_SYNCED = "disk, synced"
DISK_RELAXED = "disk, not synced"


@dataclass(frozen=True)
class Peer:
    """One server. `ours` marks Pannier, which is compared with the fastest of the rest."""

    name: str
    package: Package
    storage: str
    command: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)
    ours: bool = False


_PANNIER = ("{python}", "-m", "pannier", "serve", "--port", "{port}", "--path", "{data}")
_DYNALITE = (
    *("--host", "127.0.0.1"),
    *("--createTableMs", "0", "--deleteTableMs", "0", "--updateTableMs", "0"),
)
_ROTO = Pip("roto-aws", "0.10.1")
_DYNOXIDE = NpmTarball("@dynoxide/linux-x64", "1.2.1", platform="linux-x86_64")

_ALL = (
    Peer("pannier", Checkout(), DISK_SYNCED, _PANNIER, ours=True),
    Peer(
        "pannier-relaxed",
        Checkout(),
        DISK_RELAXED,
        (*_PANNIER, "--durability", "relaxed"),
        ours=True,
    ),
    Peer(
        "dynalite",
        Npm("dynalite", "4.0.0"),
        MEMORY,
        ("node", "{home}/node_modules/dynalite/cli.js", "--port", "{port}", *_DYNALITE),
    ),
    Peer(
        "moto",
        Pip("moto", "5.2.5", extra="server"),
        MEMORY,
        ("{home}/bin/moto_server", "-p", "{port}"),
    ),
    Peer(
        "dynamodb-local",
        NpmTarball("amplify-dynamodb-simulator", "2.9.30", needs=("java",)),
        MEMORY,
        (
            "java",
            "-Djava.library.path={home}/emulator/DynamoDBLocal_lib",
            "-jar",
            "{home}/emulator/DynamoDBLocal.jar",
            "-inMemory",
            "-port",
            "{port}",
        ),
        {"DDB_LOCAL_TELEMETRY": "0"},
    ),
    Peer("dynoxide", _DYNOXIDE, MEMORY, ("{home}/dynoxide", "--port", "{port}")),
    Peer("roto", _ROTO, MEMORY, ("{home}/bin/roto-server", "--port", "{port}", "--ephemeral")),
    Peer(
        "roto-durable",
        _ROTO,
        DISK_SYNCED,
        ("{home}/bin/roto-server", "--port", "{port}", "--durable", "--data-dir", "{data}"),
    ),
    Peer(
        "ministack",
        Pip("ministack", "1.5.33", python_min=(3, 12)),
        MEMORY,
        ("{home}/bin/ministack",),
        {"GATEWAY_PORT": "{port}", "BIND_HOST": "127.0.0.1"},
    ),
)
PEERS: dict[str, Peer] = {peer.name: peer for peer in _ALL}
QUICK = ("pannier", "dynalite", "moto")
