"""Word, PowerPoint, OpenDocument, RTF and EPUB."""
