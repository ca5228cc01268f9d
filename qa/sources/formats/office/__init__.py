"""Loaders of Word, PowerPoint, OpenDocument, RTF and EPUB files."""
