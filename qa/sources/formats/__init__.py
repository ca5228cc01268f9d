"""One module a file format: bytes in, drafts of articles out. They run in the sandbox."""
