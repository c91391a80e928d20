"""Full screens in the terminal. Only `opening` may be imported where textual may not be."""
