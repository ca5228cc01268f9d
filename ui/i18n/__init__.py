"""The page in the language of the browser."""
