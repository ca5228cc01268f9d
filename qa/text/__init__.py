"""Pure functions of text: sentences, passages, terms, numbers, dates and near duplicates."""
