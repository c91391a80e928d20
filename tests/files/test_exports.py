"""Exports of DynamoDB to S3: full and incremental, DynamoDB JSON and Ion, checked as they are read.

The folders are made here by hand, byte for byte as the Developer Guide describes them ("DynamoDB
table export output format"), so that Pannier's own writer is not its only witness.
"""

import gzip
import hashlib
import json
import random
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from pannier.batch.operation import Kind, Operation
from pannier.errors import UserError
from pannier.files.export_sink import ExportSink
from pannier.files.opening import FileError
from pannier.files.reading import check
from tests.files.elements import broken_off, elements, failures, items, puts, skipped_one_by_one

ITEM = {
    "Authors": {"SS": ["Author1", "Author2"]},
    "Dimensions": {"S": "8.5 x 11.0 x 1.5"},
    "Id": {"N": "103"},
    "InPublication": {"BOOL": False},
    "PageCount": {"N": "600"},
    "Price": {"N": "2000"},
    "Raw": {"B": "AP8="},
    "Sizes": {"NS": ["1.5", "20"]},
    "Raws": {"BS": ["AA==", "/w=="]},
    "More": {"M": {"list": {"L": [{"NULL": True}, {"N": "-0.5"}]}, "empty": {"S": ""}}},
}
ITEM_ION = (
    '$ion_1_0 {Item:{Authors:$dynamodb_SS::["Author1","Author2"],Dimensions:"8.5 x 11.0 x 1.5",'
    "Id:103.,InPublication:false,PageCount:6d2,Price:2d3,Raw:{{AP8=}},"
    "Sizes:$dynamodb_NS::[1.5,2d1],Raws:$dynamodb_BS::[{{AA==}},{{/w==}}],"
    'More:{list:[null,-0.5],empty:""}}}'
)
KEY = {"PK": {"S": "a"}}
WRITE = {"WriteTimestampMicros": {"N": "1684374845117899"}}


def md5(content: bytes) -> bytes:
    return hashlib.md5(content, usedforsecurity=False).digest()


def export(
    folder: Path,
    *files: str,
    form: str = "DYNAMODB_JSON",
    shared: bool = False,
    checksums: str = "md5",
    table: str = "ProductCatalog",
    name: str = "01693685827463-2d8752fd",
) -> Path:
    """An export with the data files that are given; `shared` puts these where increments are."""
    root = folder / "AWSDynamoDB"
    own = root / name
    data = root / "data" if shared else own / "data"
    data.mkdir(parents=True, exist_ok=True)
    own.mkdir(exist_ok=True)
    (own / "_started").touch()
    ending = "json.gz" if form == "DYNAMODB_JSON" else "ion.gz"
    manifest = b""
    for number, content in enumerate(files):
        packed = gzip.compress(content.encode(), mtime=0)
        file = data / f"{name[-4:]}{number:022}.{ending}"
        file.write_bytes(packed)
        line = {
            "itemCount": content.count("\n"),
            "md5Checksum": b64encode(md5(packed)).decode(),
            "etag": hashlib.md5(md5(packed), usedforsecurity=False).hexdigest() + "-1",
            "dataFileS3Key": f"prefix/{file.relative_to(folder)}",
        }
        manifest += json.dumps(line).encode() + b"\n"
    summary = json.dumps(
        {
            "version": "2023-08-01" if shared else "2020-06-30",
            "exportArn": f"arn:aws:dynamodb:us-east-1:123456789012:table/{table}/export/{name}",
            "tableArn": f"arn:aws:dynamodb:us-east-1:123456789012:table/{table}",
            "exportType": "INCREMENTAL_EXPORT" if shared else "FULL_EXPORT",
            "manifestFilesS3Key": f"prefix/AWSDynamoDB/{name}/manifest-files.json",
            "outputFormat": form,
        }
    ).encode()
    for part, content in (("manifest-summary", summary), ("manifest-files", manifest)):
        (own / f"{part}.json").write_bytes(content)
        if checksums:
            (own / f"{part}.{checksums}").write_bytes(b64encode(md5(content)))
    return own


def lines(*records: Any) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def outline(folder: Path, **options: Any) -> list[tuple[str, str, Any]]:
    return [
        (each.table, str(each.kind), each.attributes)
        for each in elements(folder, table=None, **options)
    ]


# Full exports


@pytest.mark.parametrize("checksums", ["md5", "checksum", ""])
@pytest.mark.parametrize("named", [".", "AWSDynamoDB", "AWSDynamoDB/01693685827463-2d8752fd"])
def test_a_full_export_goes_into_its_table(tmp_path: Path, named: str, checksums: str) -> None:
    """Whichever of its folders is named; empty data files are those of empty partitions."""
    export(tmp_path, lines({"Item": ITEM}), "", lines({"Item": KEY}), checksums=checksums)
    check(str(tmp_path / named))
    assert outline(tmp_path / named) == [
        ("ProductCatalog", "put", ITEM),
        ("ProductCatalog", "put", KEY),
    ]


def test_another_table_may_be_named(tmp_path: Path) -> None:
    export(tmp_path, lines({"Item": KEY}))
    (put,) = elements(tmp_path, table="other")
    assert put.table == "other"


def test_a_full_export_in_ion(tmp_path: Path) -> None:
    second = "$ion_1_0 {Item:{PK:\"a\\n\\u00e9'\",n:0.,m:1.5d-3,long:'''x'''}}\n"
    export(tmp_path, ITEM_ION + "\n" + second, form="ION")
    assert outline(tmp_path) == [
        ("ProductCatalog", "put", ITEM),
        (
            "ProductCatalog",
            "put",
            {"PK": {"S": "a\né'"}, "n": {"N": "0"}, "m": {"N": "0.0015"}, "long": {"S": "x"}},
        ),
    ]


def test_a_job_goes_on_in_the_middle_of_an_export(tmp_path: Path) -> None:
    export(
        tmp_path,
        lines(*({"Item": {"PK": {"S": f"{number}"}}} for number in range(5))),
        lines({"Item": KEY}) + "broken\n" + lines({"Item": KEY}),
    )
    skipped_one_by_one(tmp_path)


# Incremental exports

CHANGES = [
    {"Metadata": WRITE, "Keys": KEY, "NewImage": ITEM | KEY},
    {"Metadata": WRITE, "Keys": KEY, "OldImage": KEY, "NewImage": KEY},
    {"Metadata": WRITE, "Keys": KEY, "OldImage": ITEM | KEY},
    {"Metadata": WRITE, "Keys": KEY},
]


def test_an_incremental_export_puts_and_deletes(tmp_path: Path) -> None:
    """Its data files are in a folder that all incremental exports share."""
    own = export(tmp_path, lines(*CHANGES), shared=True)
    assert outline(own) == [
        ("ProductCatalog", "put", ITEM | KEY),
        ("ProductCatalog", "put", KEY),
        ("ProductCatalog", "delete", KEY),
        ("ProductCatalog", "delete", KEY),
    ]


@pytest.mark.parametrize("wrapping", ["{}", "{{Record:{}}}"])
def test_an_incremental_export_in_ion(tmp_path: Path, wrapping: str) -> None:
    old = 'OldImage:{PK:"a",x:1.}'
    records = [
        'Keys:{PK:"a"},Metadata:{WriteTimestampMicros:1684374845117899.},' + old + ",NewImage:{"
        'PK:"a",x:2.}',
        'Keys:{PK:"a"},Metadata:{WriteTimestampMicros:1684374845117899.},' + old,
    ]
    content = "".join("$ion_1_0 " + wrapping.format("{" + each + "}") + "\n" for each in records)
    own = export(tmp_path, content, shared=True, form="ION")
    assert outline(own) == [
        ("ProductCatalog", "put", {"PK": {"S": "a"}, "x": {"N": "2"}}),
        ("ProductCatalog", "delete", KEY),
    ]


def test_several_exports_are_applied_in_the_order_they_are_named(tmp_path: Path) -> None:
    full = export(tmp_path, lines({"Item": ITEM}), name="01000000000000-00000001")
    later = export(tmp_path, lines(CHANGES[3]), name="02000000000000-00000002", shared=True)
    found = elements(full, later, table=None)
    assert [each.kind for each in found if isinstance(each, Operation)] == [Kind.PUT, Kind.DELETE]
    with pytest.raises(FileError) as caught:
        elements(tmp_path)
    assert caught.value.message == f"{tmp_path} holds 2 exports"
    assert str(full) in caught.value.advice
    assert str(later) in caught.value.advice


# Checked


def data_file(folder: Path, number: int = 0) -> Path:
    return sorted(folder.rglob("*.gz"))[number]


def test_a_data_file_that_is_missing_is_a_failure(tmp_path: Path) -> None:
    export(tmp_path, lines({"Item": KEY}), lines({"Item": ITEM}))
    missing = data_file(tmp_path)
    missing.unlink()
    found = elements(tmp_path)
    assert puts(found) == [ITEM]
    assert failures(found) == [(f"{missing.name}, line 1", f"there is no file {missing}")]


def test_a_data_file_that_is_another_is_a_failure(tmp_path: Path) -> None:
    export(tmp_path, lines({"Item": KEY}), lines({"Item": ITEM}))
    changed = data_file(tmp_path)
    changed.write_bytes(gzip.compress(lines({"Item": {"PK": {"S": "b"}}}).encode(), mtime=0))
    found = elements(tmp_path)
    assert puts(found) == [{"PK": {"S": "b"}}, ITEM]
    assert failures(found) == [
        (
            f"{changed.name}, line 2",
            "the file is not what the export's manifest says: its checksum differs",
        )
    ]


@pytest.mark.parametrize("etag", ["single", "one part", "several parts"])
def test_without_md5_the_etag_decides(tmp_path: Path, etag: str) -> None:
    own = export(tmp_path, lines({"Item": KEY}))
    digest = md5(data_file(tmp_path).read_bytes())
    part = hashlib.md5(digest, usedforsecurity=False).hexdigest()
    shown = {"single": digest.hex(), "one part": f"{part}-1", "several parts": "0" * 32 + "-2"}
    line = {"itemCount": 1, "etag": shown[etag], "dataFileS3Key": data_file(tmp_path).name}
    manifest = own / "manifest-files.json"
    manifest.write_text(json.dumps(line))
    (own / "manifest-files.md5").unlink()
    assert failures(elements(tmp_path)) == []
    line["etag"] = shown[etag].replace(shown[etag][:8], "00000000")
    manifest.write_text(json.dumps(line))
    assert len(failures(elements(tmp_path))) == (etag != "several parts")


def test_a_number_of_items_that_is_wrong_is_a_failure(tmp_path: Path) -> None:
    own = export(tmp_path, lines({"Item": KEY}))
    manifest = own / "manifest-files.json"
    changed = manifest.read_bytes().replace(b'"itemCount": 1', b'"itemCount": 3')
    manifest.write_bytes(changed)
    (own / "manifest-files.md5").write_bytes(b64encode(md5(changed)))
    ((_, reason),) = failures(elements(tmp_path))
    assert reason == "the file holds 1 items, the export's manifest says 3"


def test_a_data_file_that_breaks_off_is_one_failure(tmp_path: Path) -> None:
    export(tmp_path, lines(*[{"Item": ITEM}] * 50), lines({"Item": KEY}))
    path = data_file(tmp_path)
    path.write_bytes(path.read_bytes()[:-20])
    found = elements(tmp_path)
    assert [reason for _, reason in failures(found)] == [
        "the compressed data breaks off: the end of the file is missing"
    ]
    assert puts(found)[-1] == KEY


def test_lines_that_can_t_be_read_cost_only_themselves(tmp_path: Path) -> None:
    export(tmp_path, lines({"Item": KEY}) + "{oops\n" + lines({"Item": ITEM}))
    found = elements(tmp_path)
    assert puts(found) == [KEY, ITEM]
    ((place, _),) = failures(found)
    assert place.endswith(".json.gz, line 2")


def test_lines_of_ion_that_can_t_be_read_cost_only_themselves(tmp_path: Path) -> None:
    broken = ["$ion_1_0 {Item:{PK:", "$ion_1_0 5", "$ion_1_0 {Item:{PK:nan}}", "$ion_1_0 {x:(}"]
    good = '$ion_1_0 {Item:{PK:"a"}}'
    export(tmp_path, "\n".join([good, *broken, good]) + "\n", form="ION")
    found = elements(tmp_path)
    assert puts(found) == [KEY, KEY]
    places, reasons = zip(*failures(found), strict=True)
    assert [place.rpartition(", ")[2] for place in places] == [
        "line 2",
        "line 3",
        "line 4",
        "line 5",
    ]
    assert reasons[0].startswith("this is not Ion")
    assert reasons[1] == "an item must be a struct"
    assert reasons[2] == "attribute 'PK': nan has no DynamoDB form"
    assert reasons[3].startswith("this is not Ion")


@pytest.mark.parametrize(
    ("part", "content", "message"),
    [
        ("manifest-summary.json", b"{}", "is not what its checksum"),
        ("manifest-files.json", b"{}", "is not what its checksum"),
        ("manifest-files.md5", b"nonsense", "is not what its checksum"),
        ("manifest-summary.md5", b"AAAA", "is not what its checksum"),
    ],
)
def test_a_manifest_that_was_changed_stops(
    tmp_path: Path, part: str, content: bytes, message: str
) -> None:
    own = export(tmp_path, lines({"Item": KEY}))
    (own / part).write_bytes(content)
    for act in (elements, lambda folder: check(str(folder))):
        with pytest.raises(FileError) as caught:
            act(tmp_path)
        assert message in caught.value.message
        assert "aws s3 sync" in caught.value.advice


@pytest.mark.parametrize("content", [b"{oops", b"[]", b'\xff"'])
def test_a_manifest_that_is_no_json_stops(tmp_path: Path, content: bytes) -> None:
    own = export(tmp_path, lines({"Item": KEY}), checksums="")
    (own / "manifest-files.json").write_bytes(content)
    with pytest.raises(FileError, match=r"manifest-files\.json is (not JSON|no manifest)"):
        elements(tmp_path)


def test_a_manifest_without_its_list_of_files_stops(tmp_path: Path) -> None:
    own = export(tmp_path, lines({"Item": KEY}), checksums="")
    (own / "manifest-files.json").unlink()
    with pytest.raises(FileError, match="there is no file"):
        elements(tmp_path)


def test_a_folder_that_is_no_export_stops(tmp_path: Path) -> None:
    with pytest.raises(FileError) as caught:
        elements(tmp_path)
    assert "no export of DynamoDB" in caught.value.message
    assert "*.jsonl" in caught.value.advice


def test_a_format_that_is_not_known_stops(tmp_path: Path) -> None:
    export(tmp_path, "x\n", form="CSV")
    with pytest.raises(FileError, match="an export in the format CSV"):
        elements(tmp_path)


def test_an_export_that_names_no_table_needs_one(tmp_path: Path) -> None:
    export(tmp_path, lines({"Item": KEY}), table="")
    with pytest.raises(FileError, match="does not say which table"):
        elements(tmp_path, table=None)
    assert items(tmp_path, table="t") == [KEY]


# Written


@pytest.mark.parametrize("ion", [False, True])
def test_an_export_is_written_as_dynamodb_writes_it(tmp_path: Path, ion: bool) -> None:
    sink = ExportSink(
        str(tmp_path),
        "shop",
        ion=ion,
        now=lambda: 1_693_685_827.463,
        chance=random.Random(7),
    )
    with sink:
        for _ in range(3):
            sink.add(ITEM)
    assert sink.path.parent == tmp_path / "AWSDynamoDB"
    assert sink.path.name.startswith("01693685827463-")
    summary = json.loads((sink.path / "manifest-summary.json").read_bytes())
    assert summary["itemCount"] == 3
    assert summary["outputFormat"] == ("ION" if ion else "DYNAMODB_JSON")
    assert summary["exportTime"] == "2023-09-02T20:17:07.463Z"
    assert summary["tableArn"].endswith(":table/shop")
    for part in ("manifest-summary", "manifest-files"):
        content = (sink.path / f"{part}.json").read_bytes()
        assert (sink.path / f"{part}.md5").read_bytes() == b64encode(md5(content))
    (line,) = (sink.path / "manifest-files.json").read_bytes().splitlines()
    assert json.loads(line)["itemCount"] == 3
    assert outline(tmp_path) == [("shop", "put", ITEM)] * 3
    if not ion:
        assert (
            gzip.decompress(data_file(tmp_path).read_bytes())
            == lines({"Item": ITEM})
            .replace(" ", "")
            .replace("8.5x11.0x1.5", "8.5 x 11.0 x 1.5")
            .encode()
            * 3
        )


def test_a_long_export_has_several_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pannier.files.export_sink._FILE_BYTES_MAX", 1000)
    content = [{"PK": {"S": f"{number}"}} for number in range(200)]
    with ExportSink(str(tmp_path), "t") as sink:
        for item in content:
            sink.add(item)
    assert len(list(tmp_path.rglob("*.gz"))) == 6
    assert items(tmp_path) == content


def test_an_export_that_fails_leaves_nothing_that_looks_like_one(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        broken_off(tmp_path, KEY, format="export", table="t")
    assert list((tmp_path / "AWSDynamoDB").iterdir()) == []


def test_an_export_is_of_one_table_in_a_folder_of_this_machine(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="an export is of one table"):
        ExportSink(str(tmp_path), "")
    with pytest.raises(UserError, match="a folder of this machine"):
        ExportSink("s3://bucket/prefix", "t")
    with ExportSink(str(tmp_path), "t") as sink, pytest.raises(UserError, match="here t, and this"):
        sink.add(KEY, "other")
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="can't be written"):
        ExportSink(str(tmp_path / "file"), "t")
