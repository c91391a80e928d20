"""Jobs that were ended by Ctrl-C, and still know what they did."""

from pannier.batch.report import Report


class Interrupted(KeyboardInterrupt):
    """A job was interrupted: nothing more was sent, and what was in flight has been answered.

    Attributes:
        report: what became of every operation until then.
    """

    def __init__(self, report: Report) -> None:
        super().__init__("interrupted")
        self.report = report
