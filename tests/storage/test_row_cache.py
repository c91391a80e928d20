"""Rows kept in memory must never be older than the store's, and never be more than they may.

What a cache shows wrongly nobody can see from outside except as a lost write, so the rules are
tested here one by one, and the store as a whole in `test_store_model`.
"""

from pannier.limits import KIB
from pannier.storage.rocks import RocksStore
from pannier.storage.row_cache import RowCache

ROW = b"v" * KIB


def filled(count: int, bytes_max: int = 1000 * KIB) -> RowCache:
    cache = RowCache(bytes_max)
    for number in range(count):
        cache.add([(b"%d" % number, ROW)], cache.version)
    return cache


def known(cache: RowCache, count: int) -> list[int]:
    values = cache.get_many([b"%d" % number for number in range(count)])
    return [number for number, value in enumerate(values) if value is not None]


def test_what_was_added_is_known_and_nothing_else():
    cache = filled(3)
    assert cache.get(b"2") == ROW
    assert cache.get(b"3") is None
    assert cache.get_many([b"5", b"1", b"0"]) == [None, ROW, ROW]


def test_what_the_store_does_not_have_is_not_kept():
    cache = RowCache(KIB)
    cache.add([(b"a", None)], cache.version)
    assert cache.get(b"a") is None


def test_what_was_written_is_forgotten():
    cache = filled(3)
    cache.forget([b"1", b"7"])
    assert known(cache, 3) == [0, 2]
    cache.clear()
    assert known(cache, 3) == []


def test_what_was_read_before_a_write_is_not_kept_after_it():
    """Another thread may have read the old value and come late with it."""
    cache = RowCache(KIB)
    version = cache.version
    cache.forget([b"a"])
    cache.add([(b"a", b"old")], version)
    assert cache.get(b"a") is None
    version = cache.version
    cache.clear()
    cache.add([(b"a", b"old")], version)
    assert cache.get(b"a") is None


def test_it_holds_no_more_than_it_may():
    """Rows of more than 1 KB each in 100 KB: of a thousand some are left, none of the first."""
    left = known(filled(1000, 100 * KIB), 1000)
    assert 30 < len(left) < 100
    assert min(left) > 500


def test_what_is_asked_for_stays():
    """A thousand rows pass through; the one that is asked for in between does not leave."""
    cache = filled(1, 100 * KIB)
    for number in range(1, 1000):
        cache.add([(b"%d" % number, ROW)], cache.version)
        if number % 20 == 0:
            found = cache.get(b"0") if number % 40 else cache.get_many([b"0"])[0]
            assert found == ROW


def test_forgotten_rows_make_room():
    """A row that is read and written again and again pushes nothing out."""
    cache = filled(10, 100 * KIB)
    for _ in range(1000):
        cache.add([(b"hot", ROW)], cache.version)
        cache.forget([b"hot"])
    assert known(cache, 10) == list(range(10))


def test_a_store_shows_what_was_written_last(tmp_path):
    """By every kind of change, and after reads of either kind."""
    store = RocksStore(tmp_path / "rocks")

    def change(kind: str, *arguments: bytes) -> None:
        group = store.new_group()
        getattr(group, kind)(*arguments)
        store.write(group)

    def seen() -> list[bytes | None]:
        one = [store.get(key) for key in (b"a", b"b")]
        assert store.get_many([b"a", b"b"], keep=False) == one
        assert store.get_many([b"b", b"a"]) == one[::-1]
        return one

    assert seen() == [None, None]
    change("put", b"a", b"1")
    assert seen() == [b"1", None]
    change("put", b"b", b"1")
    assert seen() == [b"1", b"1"]
    change("put", b"a", b"2")
    assert seen() == [b"2", b"1"]
    change("delete", b"a")
    assert seen() == [None, b"1"]
    change("put", b"a", b"3")
    assert seen() == [b"3", b"1"]
    change("delete_range", b"a", b"b")
    assert seen() == [None, b"1"]
    store.close()
