"""Vector indexes: the exact one, the inverted file for large libraries, and how both are saved."""
