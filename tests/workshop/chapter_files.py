"""The chapter's files, as its reader pastes them into a shell."""

from tests.conftest import EXAMPLES


def pasted(name: str) -> str:
    """The command that makes one of them."""
    content = (EXAMPLES / "workshop" / name).read_text()
    return f"cat > {name} << 'EOF'\n{content.rstrip()}\nEOF\n"
