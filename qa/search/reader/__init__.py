"""The reader: a small transformer that marks the words of a passage that answer a question."""
