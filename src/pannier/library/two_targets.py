"""A connection to two targets, for what is read here and written there.

Both are used on one event loop, that of the connection, so that one job can hold them together.
"""

from collections.abc import Callable, Mapping
from typing import Any

from pannier.batch.calls import call
from pannier.batch.journals.copy_journal import CopyJournal
from pannier.batch.options import Options
from pannier.batch.report import OnFailure, Report
from pannier.batch.tables.copying import Copy, Copying
from pannier.batch.tables.differences import Difference, Extract, Summary
from pannier.batch.tables.table_diff import Side, TableDiff
from pannier.batch.target import Target
from pannier.library.connection import Connection
from pannier.library.interruption import Interrupted


class TwoTargets(Connection):
    """A source, which is the connection's own target, and another target.

    Args:
        target: the source; closed with the connection.
        other: likewise; the same one if there is only one place.
    """

    def __init__(self, target: Target, other: Target) -> None:
        super().__init__(target)
        self.other = other

    def call_other(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Call any operation of the API on the other target.

        Raises:
            CallError: the service's error.
        """
        return self._run(call(self.other, operation, request))

    def copy(
        self,
        copy: Copy,
        *,
        options: Options,
        on_failure: OnFailure | None = None,
        journal: CopyJournal | None = None,
        report: Callable[[Report], None] | None = None,
    ) -> Copying:
        """Copy a table of the source into one of the other target.

        Ctrl-C stops sending, waits for the calls in flight and raises `Interrupted`, which has the
        report.

        Args:
            copy: what is copied where.
            options: parallelism, patience, and both budgets.
            on_failure: told each item that was not written.
            journal: notes what is done; with it, the job can go on after it was ended.
            report: called once, before anything is sent, with the report as it grows.

        Returns:
            The copy when it has ended, with its report and that of the scan.
        """

        async def made() -> Copying:
            return Copying(self.target, self.other, copy, options, on_failure, journal=journal)

        copying = self._run(made())
        if report is not None:
            report(copying.report)
        try:
            self._run(copying.run())
        except KeyboardInterrupt:
            raise Interrupted(self._run(copying.stop("interrupted"))) from None
        return copying

    def diff(
        self,
        table: str,
        other_table: str,
        *,
        options: Options,
        extract: Extract,
        on_difference: Callable[[Difference], None],
    ) -> Summary:
        """Compare a table of the source with one of the other target.

        Args:
            table: of the source.
            other_table: of the other target.
            options: parallelism, patience, and the read budget of each.
            extract: what of them is compared.
            on_difference: told each difference, on the connection's thread.
        """

        async def compared() -> Summary:
            sides = Side(self.target, table), Side(self.other, other_table)
            return await TableDiff(*sides, options, extract, on_difference).run()

        return self._run(compared())

    async def _shut_down(self) -> None:
        await super()._shut_down()
        if self.other is not self.target:
            await self.other.close()
