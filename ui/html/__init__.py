"""The only place that makes HTML, and escapes."""
