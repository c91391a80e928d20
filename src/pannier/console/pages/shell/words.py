r"""From pasted text to commands, by the few rules of a shell that this one has.

| written | means |
|---|---|
| `'...'` | the text as it is |
| `"..."` | the text; a backslash makes `"`, `$`, a backquote and itself ordinary characters |
| a backslash | the next character is an ordinary one; at the end of a line, the line goes on |
| `#` where a word begins | the rest of the line is a remark |
| `cat > FILE << 'EOF'` | the lines up to `EOF` become a file; with `>>` they are added to it |

What a shell would do beyond that is refused, with what to do instead, and nothing of the text is
run: a command that means something else than where it was copied from would be worse than none.
"""

from dataclasses import dataclass, field
from typing import Final, TypeAlias

from pannier.errors import UserError

_LOOP_ADVICE: Final = (
    "Run the commands inside one by one. The chapter's file of 30 items is made by: "
    "pannier workshop files large-batch.json. It is an example on the page Batch, too."
)
_KEYWORDS: Final = {
    **dict.fromkeys(("for", "while", "until", "do", "done", "select"), ("loops", _LOOP_ADVICE)),
    **dict.fromkeys(
        ("if", "then", "else", "elif", "fi", "case", "esac", "[", "[[", "!"),
        ("conditions", "Run the commands one by one."),
    ),
    **dict.fromkeys(("function", "{", "("), ("functions and groups", "Run the commands alone.")),
}
_SEVERAL: Final = ("several commands on one line are", "Put each on a line of its own.")
_OPERATORS: Final = {
    "|": (
        "pipes are",
        "Run the commands one by one. With aws, --query picks parts of an answer.",
    ),
    "&": (*_SEVERAL,),
    ";": (*_SEVERAL,),
    "(": ("groups of commands are", "Run the commands one by one. Put text into quotes."),
    ")": ("groups of commands are", "Run the commands one by one. Put text into quotes."),
    "<": ("redirected input is", "Name the file: file://NAME for aws, NAME for pannier."),
    ">": (
        "redirected output is",
        "Copy the output with the button above it, or name a file with the command's own option.",
    ),
    "`": ("command substitution is", "Write what it would stand for, or use single quotes."),
}
_VARIABLE: Final = (
    "variables and substitution are",
    "Write what it would stand for, or use single quotes if the $ belongs to the text.",
)
_PATTERN: Final = ("patterns of file names are", "Name the files, or put the word into quotes.")
_BRACES: Final = ("lists in braces are", "Write each word, or put the text into quotes.")
_HERE: Final = "Write: cat > FILE << 'EOF', then the lines, then EOF alone on a line."
_ESCAPABLE: Final = frozenset('"\\$`')
_NAMES_OF_VARIABLES: Final = frozenset("_{(@*#?$!-")


class IncompleteError(UserError):
    """The text goes on: a quote is open, a line ends with a backslash, a file has no end."""


@dataclass(frozen=True, slots=True)
class Simple:
    """A command and its arguments.

    Attributes:
        words: the command and its arguments.
        source: as it was written.
    """

    words: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class MakeFile:
    """A file that is written.

    Attributes:
        name: the file's.
        content: its lines.
        add: whether they are added to what it has.
        source: as it was written.
    """

    name: str
    content: str
    add: bool
    source: str


Statement: TypeAlias = Simple | MakeFile


def parse(text: str) -> list[Statement]:
    """The commands of a text.

    Raises:
        IncompleteError: it goes on.
        UserError: it has what is not run here.
    """
    return _Parser(text.replace("\r\n", "\n").replace("\r", "\n")).statements()


@dataclass(slots=True)
class _Line:
    """One command as it is read: words, and where its output and a text go."""

    words: list[str] = field(default_factory=list)
    redirect: str = ""
    file: str | None = None
    delimiter: str | None = None
    is_literal: bool = False


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def statements(self) -> list[Statement]:
        found: list[Statement] = []
        while True:
            self._skip_blank()
            if self._at >= len(self._text):
                return found
            begin = self._at
            line = self._line()
            content = self._here(line) if line.delimiter is not None else ""
            source = self._text[begin : self._at].rstrip()
            if line.delimiter is not None or line.redirect:
                found.append(_make_file(line, content, source))
            elif line.words:
                found.append(Simple(tuple(line.words), source))

    def _peek(self, length: int = 1) -> str:
        return self._text[self._at : self._at + length]

    def _skip_blank(self) -> None:
        """What stands before a command: empty lines, remarks, and the prompt of a document."""
        while self._at < len(self._text):
            if self._peek().isspace():
                self._at += 1
            elif self._peek() == "#":
                self._skip_remark()
            elif self._peek(2) == "$ ":
                self._at += 2
            else:
                return

    def _skip_remark(self) -> None:
        end = self._text.find("\n", self._at)
        self._at = len(self._text) if end < 0 else end

    def _line(self) -> _Line:
        line = _Line()
        while True:
            while _is_blank(self._peek()) or self._peek(2) == "\\\n":
                self._at += 2 if self._peek() == "\\" else 1
            next_one = self._peek()
            if next_one in ("", "\n"):
                return line
            if next_one == "#":
                self._skip_remark()
            elif next_one == ">":
                self._redirect(line)
            elif self._peek(2) == "<<" and line.delimiter is None:
                self._delimiter(line)
            elif next_one in _OPERATORS:
                raise _not_run(*_OPERATORS[next_one])
            else:
                word = self._word()
                if not line.words and word in _KEYWORDS:
                    what, advice = _KEYWORDS[word]
                    raise _not_run(f"{what} are", advice)
                line.words.append(word)

    def _redirect(self, line: _Line) -> None:
        self._at += 1
        line.redirect = ">"
        if self._peek() == ">":
            self._at += 1
            line.redirect = ">>"
        if line.words[:1] != ["cat"] or line.file is not None:
            raise _not_run(*_OPERATORS[">"])
        line.file = self._operand()

    def _delimiter(self, line: _Line) -> None:
        self._at += 2
        if self._peek() in ("<", "-"):
            raise UserError("this way of writing a file is not known here", _HERE)
        begin = self._at
        line.delimiter = self._operand()
        line.is_literal = any(mark in self._text[begin : self._at] for mark in "'\"\\")

    def _operand(self) -> str:
        while _is_blank(self._peek()):
            self._at += 1
        if self._peek() in ("", "\n") or self._peek() in _OPERATORS:
            raise UserError("the file has no name, or its end has no mark", _HERE)
        return self._word()

    def _word(self) -> str:
        parts: list[str] = []
        begin = self._at
        while self._at < len(self._text):
            character = self._peek()
            if character.isspace() or (character in _OPERATORS and character != "`"):
                break
            if character == "'":
                parts.append(self._single())
            elif character == '"':
                parts.append(self._double())
            elif character == "\\":
                if self._at + 1 >= len(self._text):
                    raise IncompleteError("the line goes on", "Write the next one.")
                if self._peek(2) != "\\\n":
                    parts.append(self._text[self._at + 1])
                self._at += 2
            else:
                self._check_plain(character, begin)
                parts.append(character)
                self._at += 1
        return "".join(parts)

    def _check_plain(self, character: str, begin: int) -> None:
        self._check_expansion(character)
        if character in "*?":
            raise _not_run(*_PATTERN)
        if character == "~" and self._at == begin:
            raise _not_run("the sign ~ is", "Name files of this folder.")
        if character == "{":
            end = self._text.find("}", self._at)
            inside = self._text[self._at : end] if end > 0 else ""
            if "\n" not in inside and ("," in inside or ".." in inside):
                raise _not_run(*_BRACES)

    def _check_expansion(self, character: str) -> None:
        if character == "`":
            raise _not_run(*_OPERATORS["`"])
        if character == "$":
            after = self._text[self._at + 1 : self._at + 2]
            if after.isalnum() or (after and after in _NAMES_OF_VARIABLES):
                raise _not_run(*_VARIABLE)

    def _single(self) -> str:
        end = self._text.find("'", self._at + 1)
        if end < 0:
            raise IncompleteError("a single quote is open", "Close it with another one.")
        found = self._text[self._at + 1 : end]
        self._at = end + 1
        return found

    def _double(self) -> str:
        parts: list[str] = []
        self._at += 1
        while self._at < len(self._text):
            character = self._peek()
            if character == '"':
                self._at += 1
                return "".join(parts)
            if character == "\\" and self._at + 1 < len(self._text):
                after = self._text[self._at + 1]
                if after != "\n":
                    parts.append(after if after in _ESCAPABLE else character + after)
                self._at += 2
                continue
            self._check_expansion(character)
            parts.append(character)
            self._at += 1
        raise IncompleteError("a double quote is open", "Close it with another one.")

    def _here(self, line: _Line) -> str:
        """The lines of a file, up to its delimiter."""
        self._at += 1  # the end of the command's own line
        lines: list[str] = []
        while self._at < len(self._text):
            end = self._text.find("\n", self._at)
            end = len(self._text) if end < 0 else end
            found = self._text[self._at : end]
            self._at = end + 1
            if found == line.delimiter:
                self._at = end
                content = "".join(f"{each}\n" for each in lines)
                if not line.is_literal and any(mark in content for mark in "$`\\"):
                    raise UserError(
                        f"a shell would replace what stands after $, ` or \\ in this text: "
                        f"its mark {line.delimiter} has no quotes",
                        f"To keep the text as it is, write << '{line.delimiter}'. {_LOOP_ADVICE}",
                    )
                return content
            lines.append(found)
        raise IncompleteError(
            f"the file has no end yet: {line.delimiter}",
            f"Write {line.delimiter} alone on a line.",
        )


def _is_blank(character: str) -> bool:
    """Whether it stands between words; texts copied from pages have blanks that no key makes."""
    return character.isspace() and character != "\n"


def _make_file(line: _Line, content: str, source: str) -> MakeFile:
    if line.words != ["cat"] or line.file is None or line.delimiter is None:
        raise UserError("only cat writes files here", _HERE)
    return MakeFile(line.file, content, line.redirect == ">>", source)


def _not_run(what: str, advice: str) -> UserError:
    return UserError(f"{what} not run here, so nothing of this text was run", advice)
