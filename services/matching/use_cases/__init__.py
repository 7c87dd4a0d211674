"""What matching does: one function an intention. None of them commits."""
