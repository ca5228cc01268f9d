"""Sources: from a path or an address to drafts of articles.

`discovery.discover` finds what there is to read. `sandbox` parses it, with a loader of `formats`, into drafts.
"""
