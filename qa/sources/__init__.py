"""From a path or an address to drafts of articles."""
