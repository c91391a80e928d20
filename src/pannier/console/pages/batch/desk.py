"""What stays on the desk when the page is left: the text, and the run that is under way or over.

A console has one desk, as it has one reader; a run goes on while nobody looks.
"""

from dataclasses import dataclass

from pannier.console.pages.batch.runs import Phase, Run

EDITOR_NAME = "editor"


@dataclass(slots=True)
class Desk:
    """The desk.

    Attributes:
        text: what stands in the editor.
        name: of the file that it came from.
        table: where items go.
        run: the last one.
    """

    text: str = ""
    name: str = EDITOR_NAME
    table: str | None = None
    run: Run | None = None

    @property
    def is_busy(self) -> bool:
        """Whether a run is under way."""
        return self.run is not None and self.run.phase is Phase.UNDER_WAY
