"""The pages, one folder or module each; `add` of each puts it into the application."""
