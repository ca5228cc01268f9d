"""What a browser session holds: its conversation, its listing of articles, its uploads and additions. No HTML."""
