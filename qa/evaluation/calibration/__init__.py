"""Confidence and refusals fitted to test questions."""
