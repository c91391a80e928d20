"""Work behind a screen: one thing at a time, and only what is still wanted."""

from threading import Event

from pannier.cli.screen.behind import Behind


def test_of_what_waits_only_the_last_is_done() -> None:
    behind, free, done = Behind[int](), Event(), Event()

    def last() -> int:
        done.set()
        return 4

    def first() -> int:
        free.wait()
        return 1

    behind.begin(first)
    behind.begin(lambda: 2)
    behind.begin(lambda: 3)
    behind.begin(last)
    assert behind.fetch() == []
    free.set()
    assert done.wait(20)
    found: list[int | Exception] = []
    while len(found) < 2:
        found += behind.fetch()
    assert found == [1, 4]


def test_an_error_is_found_too_and_work_goes_on() -> None:
    behind = Behind[int]()
    behind.begin(lambda: 1 // 0)
    found: list[int | Exception] = []
    while not found:
        found += behind.fetch()
    assert isinstance(found[0], ZeroDivisionError)
    behind.begin(lambda: 7)
    while len(found) < 2:
        found += behind.fetch()
    assert found[1] == 7
