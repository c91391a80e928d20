"""The page *Shell*: a command line for `pannier` and `aws`, which no system shell ever sees.

words: text to commands; policy: which of them run; environment, child: how; files: the folder's;
scrollback, history, completing: what a terminal has besides; session joins them without a page,
terminal, prompt and page with one.
"""

from pannier.console.pages.shell.page import add

__all__ = ["add"]
