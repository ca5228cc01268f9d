"""How what ships with Pullquote was made; not installed."""
