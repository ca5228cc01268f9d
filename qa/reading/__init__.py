"""What a quote needs to be read by itself, and where it ends."""
