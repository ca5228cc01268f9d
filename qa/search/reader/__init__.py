"""The reader: a question and passages in, the words that answer and how sure out; a small transformer that reads both."""
