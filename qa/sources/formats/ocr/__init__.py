"""Pictures: the text in them, read by optical character recognition (OCR)."""
