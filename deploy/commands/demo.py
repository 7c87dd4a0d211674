"""`vernissage demo`."""


def demo() -> None:
    """Play the main job."""
