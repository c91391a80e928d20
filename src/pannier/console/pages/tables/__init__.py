"""The page *Tables*: what there is, each table in detail, and tables made, changed and deleted."""

from pannier.console.pages.tables.page import add

__all__ = ["add"]
