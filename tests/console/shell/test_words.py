import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pannier.console.pages.shell.words import IncompleteError, MakeFile, Simple, parse
from pannier.errors import UserError


def words(text: str) -> list[tuple[str, ...]]:
    return [each.words for each in parse(text) if isinstance(each, Simple)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pannier tables", ("pannier", "tables")),
        ("  pannier\ttables  ", ("pannier", "tables")),
        ("a 'b c' d", ("a", "b c", "d")),
        ("""a --key '{"PK":{"S":"x y"}}'""", ("a", "--key", '{"PK":{"S":"x y"}}')),
        ('a "b \\"c\\" \\\\ \\n"', ("a", 'b "c" \\ \\n')),
        ("a pre'mid'\"post\"", ("a", "premidpost")),
        ("a ''", ("a", "")),
        ("a b\\ c \\'", ("a", "b c", "'")),
        ("a 'it'\\''s'", ("a", "it's")),
        ("a 'b\nc'", ("a", "b\nc")),
        ('a "b\\\nc"', ("a", "bc")),
        ("a x#y # a remark", ("a", "x#y")),
        ("a '$HOME' \"5 $\" \\$x", ("a", "$HOME", "5 $", "$x")),
        ("a {b} x=[0]", ("a", "{b}", "x=[0]")),
        ("$ pannier tables", ("pannier", "tables")),
        ("a\u00a0b\x0bc", ("a", "b", "c")),
        ("a é 漢", ("a", "é", "漢")),
    ],
)
def test_words_are_as_a_shell_has_them(text: str, expected: tuple[str, ...]) -> None:
    assert words(text) == [expected]


def test_lines_are_commands_and_a_backslash_joins_them() -> None:
    text = "# first\naws dynamodb get-item \\\n  --table-name shop\r\n\npannier tables\n"
    assert words(text) == [
        ("aws", "dynamodb", "get-item", "--table-name", "shop"),
        ("pannier", "tables"),
    ]


def test_a_command_is_shown_as_it_was_written() -> None:
    first, second = parse("aws x \\\n  y\nls")
    assert (first.source, second.source) == ("aws x \\\n  y", "ls")


@pytest.mark.parametrize("order", ["> f.json << 'EOF'", "<< 'EOF' > f.json", '>f.json <<"EOF"'])
def test_a_file_is_written_as_it_stands(order: str) -> None:
    text = f'cat {order}\n{{"a": "$x `y` \\\\"}}\n# no remark\nEOF\nls\n'
    made, after = parse(text)
    assert isinstance(made, MakeFile)
    assert (made.name, made.add) == ("f.json", False)
    assert made.content == '{"a": "$x `y` \\\\"}\n# no remark\n'
    assert after == Simple(("ls",), "ls")


def test_two_signs_add_to_a_file() -> None:
    (made,) = parse("cat >> f << 'X'\n  EOF\nX")
    assert isinstance(made, MakeFile)
    assert (made.add, made.content) == (True, "  EOF\n")


def test_a_mark_without_quotes_will_do_where_nothing_would_be_replaced() -> None:
    (made,) = parse("cat > f << EOF\nplain\nEOF")
    assert isinstance(made, MakeFile)
    assert made.content == "plain\n"
    with pytest.raises(UserError, match="a shell would replace") as refused:
        parse("cat > f << EOF\n$i\nEOF")
    assert "<< 'EOF'" in refused.value.advice


@pytest.mark.parametrize(
    "text", ["a 'b", 'a "b', "a \\", "cat > f << 'EOF'\n{\n", "cat > f << 'EOF'", "a\nb 'c\n"]
)
def test_what_goes_on_is_known(text: str) -> None:
    with pytest.raises(IncompleteError):
        parse(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a | jq .", "pipes"),
        ("a && b", "several commands"),
        ("a; b", "several commands"),
        ("a &", "several commands"),
        ("a > f", "redirected output"),
        ("cat a > f", "only cat writes"),
        ("a 2> f", "redirected output"),
        ("a < f", "redirected input"),
        ("a $HOME", "variables"),
        ('a "${HOME}"', "variables"),
        ("a $(b)", "variables"),
        ("a `b`", "substitution"),
        ('a "`b`"', "substitution"),
        ("a *.json", "patterns"),
        ("a {1..3}", "braces"),
        ("a ~/x", "the sign ~"),
        ("(a)", "groups"),
        ("for i in 1 2; do", "loops"),
        ("while true", "loops"),
        ("if [ a ]", "conditions"),
        ("cat > f", "only cat writes"),
        ("cat << EOF\nx\nEOF", "only cat writes"),
        ("cat > << EOF\nx\nEOF", "has no name"),
        ("cat > f <<- EOF\nx\nEOF", "this way of writing"),
        ("cat > f > g << EOF\nx\nEOF", "redirected output"),
    ],
)
def test_what_a_shell_has_besides_is_refused_with_advice(text: str, problem: str) -> None:
    with pytest.raises(UserError, match=re.escape(problem)) as refused:
        parse(f"pannier tables\n{text}")
    assert refused.value.advice


def test_the_chapters_loop_is_answered_with_how_to_get_its_file() -> None:
    text = """cat > large-batch.json << 'EOF'
{
EOF

# Add multiple items to demonstrate batch limits
for i in {1..30}; do
  cat >> large-batch.json << EOF
    $i $([ $i -lt 30 ] && echo ",")
EOF
done
"""
    with pytest.raises(UserError, match="loops are not run here") as refused:
        parse(text)
    assert "pannier workshop files large-batch.json" in refused.value.advice


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=8)))
def test_words_in_single_quotes_come_back_whatever_they_hold(given_words: list[str]) -> None:
    quoted = " ".join("'" + word.replace("'", "'\\''") + "'" for word in given_words)
    assert words(f"run {quoted}") == [("run", *given_words)]


@given(st.text(max_size=40))
def test_no_text_does_anything_but_be_parsed_or_refused(text: str) -> None:
    with suppress(UserError):
        assert all(each.source for each in parse(text))
