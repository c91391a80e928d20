"""Items as rows of texts: one column for each attribute, values short and by their type."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from pannier.files.plain_json import value_to_plain_json
from pannier.model.attribute_value import AttributeValue, Item

COLUMNS_MAX: Final = 20
_TEXT_MAX: Final = 200
# One letter a type, so that a row says the types of its cells in a few bytes.
LETTERS: Final = {
    "S": "S", "N": "N", "B": "B", "BOOL": "O", "NULL": "Z", "M": "M", "L": "L", "SS": "s",
    "NS": "n", "BS": "b",
}  # fmt: skip
_ABSENT: Final = " "


def attribute_names(items: Iterable[Item], first: Sequence[str]) -> list[str]:
    """The names of all attributes: some first, then the most frequent, else as they appear."""
    counts: Counter[str] = Counter()
    for item in items:
        counts.update(item.keys())
    rest = [name for name, _ in counts.most_common() if name not in first]
    return [*first, *rest]


def row(item: Item, names: Sequence[str]) -> tuple[str, list[str]]:
    """An item's types, a letter for each name, and the texts of its cells."""
    letters, texts = [], []
    for name in names:
        value = item.get(name)
        if value is None:
            letters.append(_ABSENT)
            texts.append("")
            continue
        letters.append(LETTERS.get(next(iter(value)), _ABSENT))
        texts.append(cell_text(value))
    return "".join(letters), texts


def cell_text(value: AttributeValue) -> str:
    """A value in one short line: numbers with all digits, binaries as base64, the rest as JSON."""
    ((kind, content),) = value.items()
    match kind:
        case "S" | "N":
            text = str(content)
        case "B":
            text = f"base64 {content}"
        case "BOOL":
            text = "true" if content else "false"
        case "NULL":
            text = "null"
        case "SS" | "NS" | "BS":
            text = "{" + ", ".join(content) + "}"
        case _:
            text = value_to_plain_json(value).decode()
    return text if len(text) <= _TEXT_MAX else text[:_TEXT_MAX] + "…"
