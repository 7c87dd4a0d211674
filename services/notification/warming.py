"""What notification reads and compiles once, before it serves."""

from services.notification.adapters.writing import compile_messages
from shared.reference.occupations import occupations


def warm() -> None:
    """Compile the messages' templates, and read the names of occupations that stand in them."""
    compile_messages()
    occupations()
