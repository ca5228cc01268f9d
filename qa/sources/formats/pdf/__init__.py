"""The loader of PDF files, and their pages as images."""
