"""The page's own style sheet."""

from pathlib import Path
from typing import Final

import pannier.console

STYLE: Final = (Path(pannier.console.__file__).parent / "static" / "batch.css").read_text()
