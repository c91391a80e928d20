"""A folder as DynamoDB's full export to S3 leaves it, with manifests and checksums.

    FOLDER/AWSDynamoDB/<export>/{manifest-summary.json, manifest-files.json, ..., data/*.json.gz}

What reads exports (DynamoDB's import, Athena, Spark, Pannier) reads these. The folder of the export
is made under another name and gets its own when it is complete. Account and bucket are unknown
here: the ARNs have zeros, and the keys begin at `AWSDynamoDB/`.
"""

import gzip
import hashlib
import random
import shutil
import string
import time
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final

import orjson

from pannier.errors import UserError
from pannier.files.export_manifest import DATA, FILES, ROOT, SUMMARY
from pannier.files.ion_items import to_ion
from pannier.files.opening import is_remote, path_of
from pannier.files.sink import Sink, encoded
from pannier.limits import MIB
from pannier.model.attribute_value import Item

_FILE_BYTES_MAX: Final = 64 * MIB  # unpacked
_GZIP_LEVEL: Final = 6
_NAME_LENGTH: Final = 26
_LETTERS: Final = string.ascii_lowercase + "234567"
_REGION: Final = "us-east-1:000000000000"
_MS: Final = 1000


class ExportSink(Sink):
    """A full export of one table.

    Args:
        folder: where `AWSDynamoDB` is, or will be.
        table: the table's name.
        ion: whether items are written as Ion, not as DynamoDB JSON.
        now: tells the time in seconds since 1970.
        chance: makes the names.
    """

    def __init__(
        self,
        folder: str,
        table: str,
        *,
        ion: bool = False,
        now: Callable[[], float] = time.time,
        chance: random.Random | None = None,
    ) -> None:
        super().__init__()
        if is_remote(folder):
            raise UserError(
                "an export is written to a folder of this machine",
                "Write it here, and copy it: aws s3 sync FOLDER s3://BUCKET/PREFIX",
            )
        if not table:
            raise UserError("an export is of one table", "Name it with --table NAME.")
        self._table = table
        self._ion = ion
        self._now = now
        self._chance = chance or random.Random()
        self._started_s = now()
        self._export = f"{int(self._started_s * _MS):014d}-{self._chance.getrandbits(32):08x}"
        root = Path(path_of(folder)) / ROOT
        self._final = root / self._export
        self._partial = root / f".{self._export}.partial"
        self._file: _DataFile | None = None
        self._files: list[dict[str, Any]] = []
        self._items = 0
        self._bytes = 0
        self._try(lambda: (self._partial / DATA).mkdir(parents=True))

    @property
    def path(self) -> Path:
        """The folder of this export."""
        return self._final

    def add(self, item: Item, table: str = "") -> None:  # noqa: D102
        if table and table != self._table:
            raise UserError(
                f"an export is of one table, here {self._table}, and this is an item of {table}",
                "Write a file of requests instead, or one export for each table.",
            )
        line = (to_ion(item) if self._ion else b'{"Item":' + encoded(item) + b"}") + b"\n"
        if self._file is None:
            name = "".join(self._chance.choices(_LETTERS, k=_NAME_LENGTH))
            ending = ".ion.gz" if self._ion else ".json.gz"
            self._file = self._try(lambda: _DataFile(self._partial / DATA / (name + ending)))
        self._try(lambda: self._data_file().write(line))
        self._items += 1
        self._bytes += len(line)
        if self._data_file().size_bytes >= _FILE_BYTES_MAX:
            self._finish_file()

    def close(self) -> None:  # noqa: D102
        if self._file is not None:
            self._finish_file()
        files = b"".join(orjson.dumps(each) + b"\n" for each in self._files)
        self._try(lambda: self._manifest(FILES, files))
        self._try(lambda: self._manifest(SUMMARY, orjson.dumps(self._summary())))
        self._try(lambda: self._partial.replace(self._final))

    def abort(self) -> None:  # noqa: D102
        if self._file is not None:
            self._file.close()
        shutil.rmtree(self._partial, ignore_errors=True)

    def _data_file(self) -> "_DataFile":
        assert self._file is not None  # it was opened before
        return self._file

    def _finish_file(self) -> None:
        data_file = self._data_file()
        self._file = None
        self._try(data_file.close)
        md5 = data_file.md5.digest()
        etag = hashlib.md5(md5, usedforsecurity=False).hexdigest()  # of an upload in one part
        self._files.append(
            {
                "itemCount": data_file.items,
                "md5Checksum": b64encode(md5).decode(),
                "etag": f"{etag}-1",
                "dataFileS3Key": f"{ROOT}/{self._export}/{DATA}/{data_file.path.name}",
            }
        )

    def _manifest(self, name: str, content: bytes) -> None:
        md5 = hashlib.md5(content, usedforsecurity=False).digest()
        (self._partial / f"{name}.json").write_bytes(content)
        (self._partial / f"{name}.md5").write_bytes(b64encode(md5))

    def _summary(self) -> dict[str, Any]:
        table = f"arn:aws:dynamodb:{_REGION}:table/{self._table}"
        started, ended = (_iso(each) for each in (self._started_s, self._now()))
        return {
            "version": "2020-06-30",
            "exportArn": f"{table}/export/{self._export}",
            "startTime": started,
            "endTime": ended,
            "tableArn": table,
            "tableId": None,
            "exportTime": started,
            "s3Bucket": None,
            "s3Prefix": None,
            "s3SseAlgorithm": None,
            "s3SseKmsKeyId": None,
            "manifestFilesS3Key": f"{ROOT}/{self._export}/{FILES}.json",
            "billedSizeBytes": 0,
            "itemCount": self._items,
            "outputFormat": "ION" if self._ion else "DYNAMODB_JSON",
            "exportType": "FULL_EXPORT",
        }

    def _try(self, act: Callable[[], Any]) -> Any:
        try:
            return act()
        except OSError as error:
            raise UserError(f"{self._final} can't be written: {error.strerror or error}") from None


class _DataFile:
    """A compressed data file, with the checksum of its bytes as they lie there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.md5 = hashlib.md5(usedforsecurity=False)
        self.items = 0
        self.size_bytes = 0
        self._raw = path.open("wb")
        self._packed = gzip.GzipFile("", "wb", _GZIP_LEVEL, _Hashed(self._raw, self.md5), mtime=0)

    def write(self, line: bytes) -> None:
        self._packed.write(line)
        self.items += 1
        self.size_bytes += len(line)

    def close(self) -> None:
        self._packed.close()
        self._raw.close()


class _Hashed:
    """A file that adds what is written to a checksum."""

    def __init__(self, file: IO[bytes], md5: Any) -> None:
        self._file = file
        self._md5 = md5

    def write(self, data: bytes) -> int:
        self._md5.update(data)
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()


def _iso(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // _MS:03d}Z"
