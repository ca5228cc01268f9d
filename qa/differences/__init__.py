"""What different articles give for the same thing: values read, compared, and near-duplicates told."""
