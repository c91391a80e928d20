"""The page *Batch* in the browser, a module for each of its parts."""
