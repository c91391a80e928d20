"""What a document shows of the output of a command, beside what the command said."""

import re

_ANY = "..."  # stands for any lines of output, or for what differs in a line
_NUMBER, _ANYTHING = "\x01", "\x02"  # in the place of what differs; re.escape leaves them alone
_MEASURED = re.compile(r"\d[\d,.]*(?= (?:ms|s|items a second)\b)")


def fits(shown: str, said: str) -> bool:
    """Whether what is shown is what was said, but for measured times and how lines are broken."""
    marked = _MEASURED.sub(_NUMBER, " ".join(shown.split()))
    marked = re.sub(rf" ?{re.escape(_ANY)} ?", _ANYTHING, marked)
    pattern = re.escape(marked).replace(_ANYTHING, ".*").replace(_NUMBER, r"\d[\d,.]*")
    return re.fullmatch(pattern, " ".join(said.split())) is not None
