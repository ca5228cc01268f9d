"""The nouns, the errors and the settings; no logic."""
