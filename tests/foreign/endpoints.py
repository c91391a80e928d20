"""The servers that the batch engine is tried on, and what each of them is not able to do.

Pannier's own server is the yardstick: it does all that the suite asks for. What another server does
otherwise stands here, with the reason, and the tests expect exactly that: a difference that is not
written down fails, and so does one that has gone away.
"""

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from benchmarks.installs import Checkout
from benchmarks.servers.peers import MEMORY, PEERS, Peer
from benchmarks.servers.process import started

CACHE = Path(__file__).parents[2] / ".bench"

# Items that AWS refuses for the sake of an index, which no client knows of beforehand. The values
# of the index's key, and what the refusal says.
POISONS: Mapping[str, object] = MappingProxyType({"another type": 5, "an empty text": ""})


@dataclass(frozen=True)
class Metered:
    """Units that a server reports for work whose true cost is known.

    Attributes:
        puts: 100 puts of less than 1 KB, each with an entry in the index.
        overwrites: 20 puts of 3 KB over items of less than 1 KB; likewise.
        empty_deletes: 10 deletes of keys that have no item.
        reads: 80 small items and 70 keys without one, eventually consistent.
        scan: a scan of these items, 62 KB.
        index: whether the index is metered, and by itself.
    """

    puts: float = 100
    overwrites: float = 60
    empty_deletes: float = 10
    reads: float = 75
    scan: float = 8
    index: bool = True


@dataclass(frozen=True)
class Endpoint:
    """A server, and how it differs from AWS where the suite looks.

    Attributes:
        peer: how to get and start it.
        install: what must be installed to have it.
        accepts: the poisons that it does not refuse.
        takes_indexes_of_placeholders: whether `#list[1]` may be a path.
        bad_projection: what it answers to a projection that is no expression.
        meters: the units that it reports.
    """

    peer: Peer
    install: str = ""
    accepts: frozenset[str] = frozenset()
    takes_indexes_of_placeholders: bool = True
    bad_projection: str = "ValidationException: Invalid ProjectionExpression"
    meters: Metered = field(default_factory=Metered)

    @contextmanager
    def started(self, place: Path, scratch: Path) -> Iterator[str]:
        """Its URL, while it runs; ended by its process id.

        Args:
            place: where it is installed.
            scratch: a folder for its data.
        """
        with started(self.peer, place, scratch) as server:
            yield f"http://127.0.0.1:{server.port}"

    def installed(self) -> Path:
        """Where it is; installed at most once, whatever the number of processes that test.

        Raises:
            UnavailableError: it can't be had here.
        """
        CACHE.mkdir(exist_ok=True)
        with (CACHE / f".{self.peer.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return self.peer.package.install(CACHE)


_PANNIER = ("{python}", "-m", "pannier", "serve", "--memory", "--port", "{port}")
_MOTO = ("{python}", "-m", "moto.server", "-H", "127.0.0.1", "-p", "{port}")

ENDPOINTS = {
    "pannier": Endpoint(Peer("pannier", Checkout(), MEMORY, _PANNIER, ours=True)),
    # The moto of this environment, not one of its own: it is there for other tests anyway.
    "moto": Endpoint(
        Peer("moto", Checkout(), MEMORY, _MOTO),
        "moto, with the extra `server`: make setup",
        # It does not look at the types of index keys.
        accepts=frozenset({"another type"}),
        # It then takes the placeholder for one that is not used.
        takes_indexes_of_placeholders=False,
        # It fails at its own parser, so this is trouble like any other, and waited out.
        bad_projection="no progress for 1 s: HTTP 500",
        # One unit a batch write or scan and one a key, whatever the sizes.
        meters=Metered(4, 1, 1, 150, 1, index=False),
    ),
    "dynalite": Endpoint(
        PEERS["dynalite"],
        "Node.js with npm",
        # Since 2020 AWS takes empty texts where they are no keys; dynalite then takes them in the
        # keys of indexes too.
        accepts=frozenset({"an empty text"}),
        # It meters tables only.
        meters=Metered(index=False),
    ),
    "dynamodb-local": Endpoint(
        PEERS["dynamodb-local"],
        "Node.js with npm, and Java 17 or newer",
        # Two units for a delete that finds nothing; nothing for a key without an item.
        meters=Metered(empty_deletes=20, reads=40),
    ),
}
