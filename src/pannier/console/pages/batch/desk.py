"""What stays on the desk when the page is left: the text, and the run that is under way or over.

A console has one desk, as it has one reader; a run goes on while nobody looks.
"""

from dataclasses import dataclass

from pannier.console.pages.batch.examples import example
from pannier.console.pages.batch.runs import Phase, Run

EDITOR_NAME = "editor"
EDITOR_TITLE = "Editor"


@dataclass(slots=True)
class Desk:
    """The desk.

    Attributes:
        text: what stands in the editor.
        name: of the file that it came from, by whose ending its format is known.
        title: what a run of it is called.
        table: where items go.
        run: the last one.
    """

    text: str = ""
    name: str = EDITOR_NAME
    title: str = EDITOR_TITLE
    table: str | None = None
    run: Run | None = None

    def take(self, example_name: str, table: str) -> None:
        """Take what the page's address asks for; names that mean nothing are passed over."""
        found = example(example_name)
        if found is not None:
            self.text = found.text
            self.name = self.title = f"{found.name}.json"
        if table:
            self.table = table

    def edit(self, text: str) -> None:
        """The text was changed by hand, so it is not that of a file any more.

        By the file's name its format is still known, until its beginning is another.
        """
        if _first_line(text) != _first_line(self.text):
            self.name = EDITOR_NAME
        self.title = EDITOR_TITLE
        self.text = text

    @property
    def is_busy(self) -> bool:
        """Whether a run is under way."""
        return self.run is not None and self.run.phase is Phase.UNDER_WAY


def _first_line(text: str) -> str:
    return text.lstrip().partition("\n")[0]
