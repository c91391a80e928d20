from hypothesis import given
from hypothesis import strategies as st

from pannier.console.pages.shell import scrollback
from pannier.console.pages.shell.scrollback import Decoder, Scrollback


def decoded(*pieces: bytes) -> str:
    decoder = Decoder()
    return "".join(map(decoder.text, pieces)) + decoder.text(b"", last=True)


def test_letters_that_arrive_in_two_pieces_stay_whole() -> None:
    assert decoded("é漢".encode()[:3], "é漢".encode()[3:]) == "é漢"
    assert decoded(b"\xff") == "\ufffd"


def test_codes_of_terminals_are_left_out() -> None:
    assert decoded(b"\x1b[1;31mred\x1b[0m \x1b]0;title\x07x\a") == "red x"


def test_of_an_overwritten_line_the_last_is_shown() -> None:
    assert decoded(b"10 %\r50 %\r100 %\nend\r\n") == "100 %\nend\n"


def test_text_joins_the_last_chunk_until_it_is_full() -> None:
    kept = Scrollback()
    assert kept.add("a\n") == [(1, "a\n")]
    assert kept.add("b\n") == [(1, "a\nb\n")]
    assert kept.add("c\n", join=False) == [(2, "c\n")]
    assert kept.text == "a\nb\nc\n"


def test_the_oldest_lines_are_let_go_and_counted() -> None:
    kept = Scrollback()
    for number in range(scrollback.LINES_MAX * 2):
        kept.add(f"{number}\n", join=number % 100 != 0)
        kept.drop()
    assert kept.text.count("\n") <= scrollback.LINES_MAX
    assert kept.text.endswith(f"{scrollback.LINES_MAX * 2 - 1}\n")
    assert kept.dropped_lines + kept.text.count("\n") == scrollback.LINES_MAX * 2


def test_one_endless_line_is_bounded_too() -> None:
    kept = Scrollback()
    kept.add("x" * (scrollback.CHARACTERS_MAX * 3))
    kept.drop()
    assert len(kept.text) <= scrollback.CHARACTERS_MAX


@given(st.lists(st.tuples(st.text(max_size=9000), st.booleans()), max_size=6))
def test_what_the_page_shows_is_what_is_kept(pieces: list[tuple[str, bool]]) -> None:
    kept, shown = Scrollback(), dict[int, str]()
    for text, join in pieces:
        shown.update(kept.add(text, join=join))
        for number in kept.drop():
            del shown[number]
    assert "".join(shown[number] for number in sorted(shown)) == kept.text
    assert kept.text == "".join(text for text, _ in pieces)


def test_clear_forgets() -> None:
    kept = Scrollback()
    kept.add("a\n")
    kept.clear()
    assert kept.text == ""
    assert kept.add("b") == [(2, "b")]
