"""Measures: of quotes, rankings, confidence and time, and the figures of a run made of them."""
