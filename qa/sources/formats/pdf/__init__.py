"""PDF: the text that a page shows, and the page as an image."""
