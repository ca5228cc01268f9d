"""The interface for programs: HTTP with JSON under /api/v1, and MCP on standard input and output."""
