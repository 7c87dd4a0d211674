"""What a use case refuses, in any service: nothing was changed, and the edge tells why."""


class Refusal(Exception):
    """Something that was asked cannot be done; nothing was changed."""
