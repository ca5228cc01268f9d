"""The two faces: the command line and the browser page."""
