"""The library: SQLite is the truth, the BM25 and vector indexes are caches of it."""
