"""A table that is typed into a form: what is wrong with it, and what it becomes."""

import asyncio
from typing import Any

import pytest

from pannier.console.pages.tables.definition import IndexDraft, KeyPart, TableDraft
from pannier.library.connecting import connect_async


def draft(**changes: Any) -> TableDraft:
    return TableDraft(**{"name": "shop", "partition": KeyPart("PK"), **changes})


@pytest.mark.parametrize(
    ("table", "place", "words"),
    [
        (draft(name=""), "name", "Needed"),
        (draft(name="a b"), "name", "letters"),
        (draft(name="ab"), "name", "2 signs"),
        (draft(name="x" * 256), "name", "256 signs"),
        (draft(partition=KeyPart()), "partition", "Needed"),
        (draft(partition=KeyPart("é" * 128)), "partition", "255 bytes"),
        (draft(sort=KeyPart("PK")), "sort", "Another attribute"),
        (draft(on_demand=False, read="0"), "read", "1 or more"),
        (draft(on_demand=False, write="٣"), "write", "1 or more"),
        (draft(indexes=[IndexDraft("G")]), "index0.partition", "Needed"),
        (draft(indexes=[IndexDraft("LSI", is_global=False)]), "index0.name", "sort key"),
        (
            draft(indexes=[IndexDraft("GSI", partition=KeyPart("PK", "N"))]),
            "index0.partition",
            "type S",
        ),
        (
            draft(indexes=[IndexDraft("GSI", partition=KeyPart("a"), projection="INCLUDE")]),
            "index0.attributes",
            "Name one",
        ),
        (
            draft(indexes=[IndexDraft("GSI", partition=KeyPart("a")) for _ in range(2)]),
            "index1.name",
            "Another index",
        ),
        (
            draft(indexes=[IndexDraft(f"G-{n}", partition=KeyPart("a")) for n in range(21)]),
            "indexes",
            "20 global",
        ),
        (
            draft(
                indexes=[
                    IndexDraft(
                        "GSI",
                        partition=KeyPart("a"),
                        projection="INCLUDE",
                        attributes=",".join(f"a{n}" for n in range(101)),
                    )
                ]
            ),
            "indexes",
            "100 attributes",
        ),
    ],
)
def test_what_is_wrong_is_said_at_its_field(table: TableDraft, place: str, words: str) -> None:
    assert words in table.problems()[place]


def test_a_draft_without_problems_is_a_table_that_the_engine_makes() -> None:
    table = draft(
        sort=KeyPart("SK", "N"),
        on_demand=False,
        read="7",
        write="8",
        protected=True,
        indexes=[
            IndexDraft("GSI", partition=KeyPart("a"), projection="INCLUDE", attributes="b, c,"),
            IndexDraft("GSI2", partition=KeyPart("SK", "N"), projection="KEYS_ONLY"),
            IndexDraft("LSI", is_global=False, sort=KeyPart("d", "B")),
        ],
    )
    assert table.problems() == {}

    async def made() -> dict[str, Any]:
        async with connect_async("memory") as db:
            answer = await db.call("CreateTable", table.request())
            description: dict[str, Any] = answer["TableDescription"]
            return description

    description = asyncio.run(made())
    assert description["ProvisionedThroughput"]["ReadCapacityUnits"] == 7
    assert description["DeletionProtectionEnabled"] is True
    of_name = {each["IndexName"]: each for each in description["GlobalSecondaryIndexes"]}
    assert of_name["GSI"]["Projection"]["NonKeyAttributes"] == ["b", "c"]
    assert of_name["GSI"]["ProvisionedThroughput"]["WriteCapacityUnits"] == 8
    (local,) = description["LocalSecondaryIndexes"]
    assert [each["AttributeName"] for each in local["KeySchema"]] == ["PK", "d"]
