"""The JavaScript SDK v3 against `pannier serve`, with nothing but an endpoint URL.

It is the client that most serverless programs use, and one that shares no code with Python's:
its own HTTP client, its own signer, its own reader of types, errors and binaries. The SDK is
installed once, in its pinned version, into `.bench/js` of the repository.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from pannier.service.access.credentials_change import add_credential, new_credential
from tests.conftest import serving

SDK = "@aws-sdk/client-dynamodb"
VERSION = "3.1164.0"
FOLDER = Path(__file__).parents[2] / ".bench" / "js"
PROGRAM = Path(__file__).parent / "javascript" / "sdk.mjs"

pytestmark = pytest.mark.skipif(
    not (shutil.which("node") and shutil.which("npm")), reason="needs node and npm"
)


@pytest.fixture(scope="module")
def sdk() -> Path:
    """The folder in which the SDK is installed."""
    described = FOLDER / "node_modules" / SDK / "package.json"
    if not described.exists() or json.loads(described.read_bytes())["version"] != VERSION:
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / "package.json").write_text('{"private": true}\n')
        options = ["--no-audit", "--no-fund", "--no-progress", "--ignore-scripts", "--save-exact"]
        subprocess.run(
            ["npm", "install", *options, f"{SDK}@{VERSION}"],
            cwd=FOLDER,
            check=True,
            capture_output=True,
            timeout=180,
        )
    return FOLDER


@pytest.mark.parametrize("signed", [False, True], ids=["anybody", "credentials"])
def test_batch_write_batch_get_and_query(sdk: Path, tmp_path: Path, signed: bool):
    """25 items in one call, 26 keys in one call, a query in pages, and an error by its name.

    Once with any signature, and once where its own signer has to convince the server.
    """
    options, keys = [], {}
    if signed:
        credential, file = new_credential("javascript"), tmp_path / "keys.toml"
        add_credential(file, credential)
        options = ["--no-console", "--credentials", str(file)]
        keys = {
            "AWS_ACCESS_KEY_ID": credential.access_key_id,
            "AWS_SECRET_ACCESS_KEY": credential.secret_access_key,
        }
    program = sdk / PROGRAM.name  # Node looks for modules beside the program
    shutil.copyfile(PROGRAM, program)
    with serving("--path", str(tmp_path / "db"), *options) as (url, _):
        ended = subprocess.run(
            ["node", str(program)],
            env={**os.environ, **keys, "AWS_ENDPOINT_URL": url, "AWS_REGION": "us-east-1"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout) == {
        "unprocessed": {},
        "units": 25,
        "requestIdLength": 52,
        "found": list(range(25)),
        "blobs": True,
        "attributes": ["blob", "s"],
        "unprocessedKeys": {},
        "pages": 3,
        "queried": [11, 10, 9, 8, 7, 6, 5],
        "refused": {
            "name": "ResourceNotFoundException",
            "message": "Requested resource not found",
            "status": 400,
        },
    }
