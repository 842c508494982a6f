"""Saying how far an import is."""

from typing import Protocol


class Progress(Protocol):
    """Is told from time to time how far an import is.

    ``stage`` is "read", "compare", "write" or "search", or what is being fetched; ``done`` and
    ``total`` count rows, records or services. ``total`` is None where nobody knows it yet.
    """

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """Take note."""


def say_nothing(stage: str, done: int, total: int | None) -> None:
    """Tell nobody."""
