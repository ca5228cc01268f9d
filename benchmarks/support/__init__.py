"""Shared pieces of the benchmarks: generated text, vectors, worker processes, tables, and the sections of `speed`."""
