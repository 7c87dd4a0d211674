"""All SQL of matching: gives and takes domain objects."""
