"""The page *Explore items*: what is in a table, found, looked at, changed and exported."""

from pannier.console.pages.explore.page import add

__all__ = ["add"]
