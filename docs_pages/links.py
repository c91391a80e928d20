"""Links between files of the repository, as they have to be between pages of the site."""

import posixpath
import re
from collections.abc import Mapping
from typing import Final

_DOCUMENTS: Final = "docs/"
_LINK: Final = re.compile(r"(\]\()([^)#:\s]+)((?:#[^)\s]*)?\))")


def relinked(markdown: str, origin: str, path: str, beside: Mapping[str, str]) -> str:
    """A page whose links lead to pages of the site.

    Args:
        markdown: the page.
        origin: the file that it is, in the repository, by which its links go.
        path: the same in the site.
        beside: files outside of the documents, and where they are in the site.
    """

    def lead(found: re.Match[str]) -> str:
        named = posixpath.normpath(posixpath.join(posixpath.dirname(origin), found[2]))
        if named in beside:
            target = beside[named]
        elif named.startswith(_DOCUMENTS):
            target = named.removeprefix(_DOCUMENTS)
        else:
            return found[0]  # MkDocs will say that it leads nowhere
        return f"{found[1]}{posixpath.relpath(target, posixpath.dirname(path) or '.')}{found[3]}"

    return _LINK.sub(lead, markdown)
