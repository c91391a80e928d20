"""Writing files: items into any format."""

from pannier.errors import UserError
from pannier.files import formats
from pannier.files.compression import kind_of_name
from pannier.files.json_sinks import ArraySink, LinesSink, RequestSink, to_dynamodb_json
from pannier.files.opening import is_remote
from pannier.files.output import Output
from pannier.files.plain_json import to_plain_json
from pannier.files.sink import Sink, WriteOptions

_DEFAULTS = WriteOptions()
# What a name's ending means; JSON that is one item a line is what all of Pannier's commands write.
_OF_NAME = {"jsonl": "dynamodb", "json": "array"}


def format_of(name: str | None, options: WriteOptions = _DEFAULTS) -> str:
    """The format in which a file is going to be written."""
    if options.format != "auto":
        plain = options.format == "plain" and name is not None and formats.of_name(name) == "json"
        return "plain-array" if plain else options.format
    named = "" if name is None else formats.of_name(name)
    return _OF_NAME.get(named, named) or "dynamodb"


def is_appendable(name: str | None, options: WriteOptions = _DEFAULTS) -> bool:
    """Whether a file is plain lines on this machine, so that more may be added to it later."""
    lines = format_of(name, options) in ("dynamodb", "plain")
    return lines and (name is None or not (kind_of_name(name) or is_remote(name)))


def open_sink(name: str | None, options: WriteOptions = _DEFAULTS) -> Sink:
    """A file to write items to.

    Args:
        name: a path or address, for an export a folder; None or `-` for standard output. Endings
            such as `.gz` and `.zst` compress it.
        options: in which format, and how.

    Raises:
        UserError: it can't be written, or a library is missing.
    """
    match format_of(name, options):
        case "export":
            return _export(name, options, ion=False)
        case "ion":
            return _export(name, options, ion=True)
        case "parquet" | "arrow" as format_name:
            return _columnar(name, options, format_name)
        case "csv" | "tsv" as format_name:
            from pannier.files.delimited_sink import DelimitedSink

            delimiter = "\t" if format_name == "tsv" else ","
            return DelimitedSink(Output(name), delimiter, types=options.types)
        case "array":
            return ArraySink(Output(name), to_dynamodb_json)
        case "plain-array":
            return ArraySink(Output(name), to_plain_json)
        case "request":
            return RequestSink(Output(name), options.table)
        case "plain":
            return LinesSink(Output(name), to_plain_json)
        case "dynamodb":
            return LinesSink(Output(name), to_dynamodb_json)
    raise UserError(f"there is no format {options.format!r}", "See --help for the formats.")


def _export(name: str | None, options: WriteOptions, *, ion: bool) -> Sink:
    from pannier.files.export_sink import ExportSink

    if name is None:
        raise UserError("an export is a folder", "Name it with --out FOLDER.")
    return ExportSink(name, options.table, ion=ion)


def _columnar(name: str | None, options: WriteOptions, format_name: str) -> Sink:
    from pannier.files.arrow_sinks import ArrowSink, ParquetSink

    sink = ParquetSink if format_name == "parquet" else ArrowSink
    return sink(Output(name), options.numbers)
