"""What a browser session holds; no HTML."""
