"""Upkeep: copies of a library, its repair, and what it need not hold any longer."""
