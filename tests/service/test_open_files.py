"""More clients than the process may have files open: some are told to come again, none ends it."""

import resource
import subprocess
import sys
from contextlib import ExitStack, suppress

import pytest

from tests.service.wire import Wire, post

FILES = 100


@pytest.mark.parametrize("reserved", [True, False])
def test_more_clients_than_files(reserved: bool):
    """Without a reserve the system itself refuses to open more, which must not end the server."""
    program = (
        "import resource, sys\n"
        f"resource.setrlimit(resource.RLIMIT_NOFILE, ({FILES}, {FILES}))\n"
        "from pannier.service import server\n"
        f"{'' if reserved else 'server.connections_max = lambda wanted: wanted'}\n"
        "from pannier.cli.main import main\n"
        "sys.exit(main(['serve', '--memory', '--port', '0', '--no-console']))\n"
    )
    server = subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    try:
        port = int(server.stderr.readline().rstrip().rpartition(":")[2])
        with ExitStack() as stack:
            clients = [stack.enter_context(Wire(port)) for _ in range(FILES + 20)]
            assert clients[0].ask(post()).status == 400
            if reserved:
                assert clients[-1].reply().status == 503
        statuses = set()
        for _ in range(FILES):  # until all places are free again
            with Wire(port) as wire, suppress(ConnectionError):
                statuses.add(wire.ask(post()).status)
        assert 400 in statuses
    finally:
        server.terminate()
        server.communicate(timeout=20)
    assert server.returncode == 0
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] > FILES
