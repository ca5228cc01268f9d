"""Pure functions of text: sentences, passages, words, numbers, dates, near duplicates."""
