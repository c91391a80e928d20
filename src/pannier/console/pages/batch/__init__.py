"""The page *Batch*: a request is written, checked, priced, run, and seen through to its last call.

The modules here know no browser; those of `view` do.
"""

from pannier.console.pages.batch.view.page import add

__all__ = ["add"]
