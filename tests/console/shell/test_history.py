from pannier.console.pages.shell.history import History, Recall


def test_back_and_forth_and_what_was_being_typed_is_not_lost() -> None:
    history = History()
    for text in ("first", "second"):
        history.add(text)
    recall = Recall(history)
    assert recall.newer() is None
    assert [recall.older("typed"), recall.older("x"), recall.older("x")] == [
        "second",
        "first",
        None,
    ]
    assert [recall.newer(), recall.newer(), recall.newer()] == ["second", "typed", None]


def test_the_same_twice_is_kept_once_and_nothing_is_not_kept() -> None:
    history = History()
    for text in ("a", "a", "  ", "b\nc"):
        history.add(text)
    assert history.entries == ("a", "b\nc")
    assert history.listed() == "    1  a\n    2  b\n       c\n"


def test_it_is_bounded() -> None:
    history = History()
    for number in range(1000):
        history.add(str(number))
    assert len(history.entries) == 500
    assert history.entries[-1] == "999"
