"""The outside world, as registration meets it."""
