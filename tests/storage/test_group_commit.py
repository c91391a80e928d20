"""Group commit: who waits for which sync, what a failure means, and that nobody waits for ever.

The disk here syncs when the test says so. Threads are waited for, never slept for: a time-out only
turns a test that would hang into one that fails.
"""

import threading
from collections.abc import Callable, Iterator

import pytest

from pannier.errors import StorageError
from pannier.storage.group_commit import GroupCommit

HANG_S = 20.0


class GatedDisk:
    """A disk whose syncs begin when they are asked for and end when the test lets them."""

    def __init__(self) -> None:
        self.syncs = 0
        self.error: Exception | None = None
        self._begun = threading.Semaphore(0)
        self._allowed = threading.Semaphore(0)

    def sync(self) -> None:
        self.syncs += 1
        self._begun.release()
        assert self._allowed.acquire(timeout=HANG_S)
        if self.error is not None:
            raise self.error

    def wait_until_a_sync_has_begun(self) -> None:
        assert self._begun.acquire(timeout=HANG_S)

    def let_syncs_end(self, count: int = 1) -> None:
        self._allowed.release(count)


class Waiter(threading.Thread):
    """A thread that waits for a ticket, and how that ended."""

    def __init__(self, commits: GroupCommit, ticket: int) -> None:
        super().__init__(daemon=True)
        self.error: StorageError | None = None
        self._commits, self._ticket = commits, ticket
        self.start()

    def run(self) -> None:
        try:
            self._commits.wait(self._ticket)
        except StorageError as error:
            self.error = error

    def ended(self) -> bool:
        """Wait for the end, and say whether it came."""
        self.join(HANG_S)
        return not self.is_alive()


@pytest.fixture
def disk() -> GatedDisk:
    return GatedDisk()


@pytest.fixture
def commits(disk: GatedDisk) -> Iterator[GroupCommit]:
    made = GroupCommit(disk.sync)
    yield made
    disk.let_syncs_end(1000)
    made.close()


def progress(commits: GroupCommit) -> "Callable[[], None]":
    """A function that waits until the next progress is announced."""
    moved = threading.Semaphore(0)
    commits.on_progress(moved.release)

    def wait() -> None:
        assert moved.acquire(timeout=HANG_S)

    return wait


def test_tickets_only_grow(commits: GroupCommit) -> None:
    assert [commits.wrote() for _ in range(3)] == [1, 2, 3]


def test_a_ticket_is_durable_when_its_sync_has_ended_and_not_before(
    commits: GroupCommit, disk: GatedDisk
) -> None:
    ticket = commits.wrote()
    waiter = Waiter(commits, ticket)
    disk.wait_until_a_sync_has_begun()
    assert commits.durable == 0
    assert waiter.is_alive()
    disk.let_syncs_end()
    assert waiter.ended()
    assert waiter.error is None
    assert commits.durable == ticket
    commits.wait(ticket)  # at once, now and later
    assert disk.syncs == 1


def test_what_is_written_during_a_sync_waits_for_the_next_and_shares_it(
    commits: GroupCommit, disk: GatedDisk
) -> None:
    """The sync under way may have passed the place of the new records; one more covers them all."""
    wait_for_progress = progress(commits)
    first = commits.wrote()
    disk.wait_until_a_sync_has_begun()
    waiters = [Waiter(commits, commits.wrote()) for _ in range(20)]

    disk.let_syncs_end()
    wait_for_progress()
    assert commits.durable == first
    disk.wait_until_a_sync_has_begun()
    assert all(waiter.is_alive() for waiter in waiters)

    disk.let_syncs_end()
    assert all(waiter.ended() for waiter in waiters)
    assert commits.durable == 21
    assert disk.syncs == 2


def test_nothing_is_synced_where_nothing_was_written() -> None:
    disk = GatedDisk()
    commits = GroupCommit(disk.sync)
    commits.close()
    assert disk.syncs == 0
    assert commits.durable == 0


def test_close_syncs_what_is_left(disk: GatedDisk) -> None:
    commits = GroupCommit(disk.sync)
    commits.wrote()
    disk.wait_until_a_sync_has_begun()
    late = commits.wrote()
    closer = threading.Thread(target=commits.close)
    closer.start()
    disk.let_syncs_end(2)
    closer.join(HANG_S)
    assert not closer.is_alive()
    assert commits.durable == late
    assert disk.syncs == 2
    commits.wait(late)
    commits.close()  # a second time does no harm


# Failure


def test_a_failed_sync_fails_all_that_wait_for_it(commits: GroupCommit, disk: GatedDisk) -> None:
    """Those whose sync it was, and those who wait for the next: it will not come."""
    disk.error = OSError(28, "No space left on device")
    waiters = [Waiter(commits, commits.wrote()) for _ in range(3)]
    disk.wait_until_a_sync_has_begun()
    waiters += [Waiter(commits, commits.wrote()) for _ in range(3)]
    disk.let_syncs_end()
    assert all(waiter.ended() for waiter in waiters)
    for waiter in waiters:
        assert waiter.error is not None
        assert "the disk refused to sync" in waiter.error.message
        assert "No space left on device" in waiter.error.message
        assert "open the database again" in waiter.error.advice
    assert commits.durable == 0


def test_a_failure_is_final_and_takes_nothing_back(commits: GroupCommit, disk: GatedDisk) -> None:
    """After it nobody knows what the disk holds; a sync that succeeds later would prove nothing."""
    safe = commits.wrote()
    disk.let_syncs_end()
    commits.wait(safe)

    disk.error = OSError("broken")
    lost = commits.wrote()
    disk.let_syncs_end()
    with pytest.raises(StorageError, match="broken"):
        commits.wait(lost)
    assert isinstance(commits.failure, StorageError)

    disk.error = None
    disk.let_syncs_end(10)
    for ticket in (lost, commits.wrote(), commits.wrote()):
        with pytest.raises(StorageError, match="broken"):
            commits.wait(ticket)
    commits.wait(safe)
    assert commits.durable == safe
    assert disk.syncs == 2
    commits.close()  # and does not hang


# Listeners


def test_a_listener_hears_of_progress_after_it_was_made(
    commits: GroupCommit, disk: GatedDisk
) -> None:
    """It is called on the sync thread, so that an event loop can be told and nobody blocks."""
    heard: list[tuple[int, str]] = []
    told = threading.Semaphore(0)

    def listener() -> None:
        heard.append((commits.durable, threading.current_thread().name))
        told.release()

    commits.on_progress(listener)
    for _ in range(2):
        commits.wrote()
        disk.let_syncs_end()
        assert told.acquire(timeout=HANG_S)
    assert heard == [(1, "pannier-sync"), (2, "pannier-sync")]

    commits.off_progress(listener)
    wait_for_progress = progress(commits)
    commits.wrote()
    disk.let_syncs_end()
    wait_for_progress()
    assert len(heard) == 2


def test_a_listener_hears_of_a_failure(commits: GroupCommit, disk: GatedDisk) -> None:
    failures: list[StorageError | None] = []
    told = threading.Event()
    commits.on_progress(lambda: failures.append(commits.failure))
    commits.on_progress(told.set)
    disk.error = OSError("broken")
    commits.wrote()
    disk.let_syncs_end()
    assert told.wait(HANG_S)
    assert isinstance(failures[0], StorageError)


def test_all_listeners_are_called_and_each_can_leave_by_itself(
    commits: GroupCommit, disk: GatedDisk
) -> None:
    heard: list[str] = []
    told = threading.Semaphore(0)
    one, other = (lambda: heard.append("one")), (lambda: heard.append("other"))
    for listener in (one, other, told.release):
        commits.on_progress(listener)
    commits.wrote()
    disk.let_syncs_end()
    assert told.acquire(timeout=HANG_S)
    commits.off_progress(one)
    commits.off_progress(one)  # gone already: no harm
    commits.wrote()
    disk.let_syncs_end()
    assert told.acquire(timeout=HANG_S)
    assert heard == ["one", "other", "other"]


# Many at once


def test_no_waiter_is_forgotten_and_none_leaves_early() -> None:
    """Many threads write and wait, with a disk that ends at once and one thread that hurries.

    A lost wake-up shows as a thread that never ends; a ticket let go too early as a record that
    the disk had not seen when its writer was told that it was safe.
    """
    written: list[int] = []
    on_disk = 0

    def sync() -> None:
        nonlocal on_disk
        on_disk = len(written)

    commits = GroupCommit(sync)
    early: list[int] = []
    lock = threading.Lock()

    def write_and_wait() -> None:
        for _ in range(200):
            with lock:  # the order of the log is the order of the tickets, as in the engine
                written.append(1)
                place = len(written)
                ticket = commits.wrote()
            commits.wait(ticket)
            if on_disk < place:
                early.append(place)

    threads = [threading.Thread(target=write_and_wait, daemon=True) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(HANG_S)
    assert not any(thread.is_alive() for thread in threads)
    commits.close()
    assert early == []
    assert commits.durable == len(written) == 1600
