"""Test questions: their formats, drafting and checking them."""
