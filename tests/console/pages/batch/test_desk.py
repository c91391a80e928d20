"""What stays on the desk, and what a text is called."""

from pannier.console.pages.batch.desk import EDITOR_NAME, EDITOR_TITLE, Desk
from pannier.console.pages.batch.examples import EXAMPLES


def test_the_address_puts_things_on_the_desk() -> None:
    desk = Desk()
    desk.take("large-batch", "shop")
    assert desk.text == EXAMPLES[3].text
    assert (desk.name, desk.title, desk.table) == ("large-batch.json", "large-batch.json", "shop")


def test_what_lies_there_stays_where_the_address_names_nothing() -> None:
    desk = Desk(text="a", name="a.csv", table="shop")
    desk.take("", "")
    desk.take("no-such", "")
    assert (desk.text, desk.name, desk.table) == ("a", "a.csv", "shop")


def test_a_text_that_was_changed_is_no_file_and_keeps_its_format_while_it_begins_alike() -> None:
    desk = Desk(text="PK;n\na;1\n", name="a.csv", title="a.csv")
    desk.edit("PK;n\na;2\n")
    assert (desk.name, desk.title) == ("a.csv", EDITOR_TITLE)
    desk.edit('{"shop": []}')
    assert (desk.name, desk.title, desk.text) == (EDITOR_NAME, EDITOR_TITLE, '{"shop": []}')
