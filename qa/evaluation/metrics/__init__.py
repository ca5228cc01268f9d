"""Measures by the field's names, one formula a function."""
