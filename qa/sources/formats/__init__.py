"""Formats: from the content of a file to drafts of articles. One module loads one format.

Loaders run in the sandbox. They open no file and no connection.
"""
