"""What Pullquote is measured against; each module is a command, `python -m benchmarks.NAME`."""
