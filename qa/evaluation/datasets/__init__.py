"""Test questions: their formats, and how to draft and check them."""
