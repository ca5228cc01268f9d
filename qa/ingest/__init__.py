"""Drafts to stored passages and vectors: adding, syncing, progress."""
