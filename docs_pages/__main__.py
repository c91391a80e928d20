"""`python -m docs_pages FOLDER`: the site's sources, in a folder from which it is built."""

import sys
from pathlib import Path

from docs_pages.assembling import assemble

if __name__ == "__main__":
    assemble(Path(sys.argv[1]))
