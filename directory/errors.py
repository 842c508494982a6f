"""What can be refused. None of these know about HTTP; ``api.problems`` does."""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple


class DomainError(Exception):
    """The request was understood, and the rules say no.

    ``code`` is part of the public interface: never rename one. The text of the error is for
    the person who asked, and never contains anything about a client.
    """

    code: ClassVar[str]


class NotFoundError(DomainError):
    """Nothing has that identifier, or the caller may not see it: the two look the same."""

    code = "not-found"

    def __init__(self, kind: str) -> None:
        super().__init__(f"There is no such {kind}, or it is not yours to see.")


class ConflictError(DomainError):
    """It was possible once, or will be, but not in the present state."""


class NothingToUndoError(ConflictError):
    """Nothing was said here within a day that was not taken back already."""

    code = "nothing-to-undo"

    def __init__(self) -> None:
        super().__init__("There is nothing to undo: what was said is more than a day old.")


class SaidSinceError(ConflictError):
    """What was to be taken back is not the last word any more."""

    code = "said-since"

    def __init__(self) -> None:
        super().__init__("Something else was said since. Look at what counts now.")


class ForbiddenError(DomainError):
    """The caller is known, and may not do this."""

    code = "forbidden"


class UnauthenticatedError(DomainError):
    """We do not know who is asking, and have to."""

    code = "sign-in-needed"


class BusyError(DomainError):
    """Too many are writing at once. Nothing was changed; the same request may be sent again."""

    code = "busy"

    def __init__(self) -> None:
        super().__init__("Too many changes at once just now. Nothing was changed; try again.")


class UnavailableError(DomainError):
    """The database does not answer. Whether the last change arrived is not known."""

    code = "unavailable"

    def __init__(self) -> None:
        super().__init__("The service is not available just now. Try again in a little while.")


class FieldError(NamedTuple):
    """One field that was wrong: where (``slots.0.id``) and what would be right."""

    path: str
    message: str


class InvalidError(DomainError):
    """The input is wrong; ``errors`` names every bad field."""

    code = "invalid-input"

    def __init__(self, errors: Sequence[FieldError]) -> None:
        self.errors = tuple(errors)
        super().__init__(" ".join(f"{path}: {message}" for path, message in self.errors))

    @classmethod
    def of(cls, path: str, message: str) -> "InvalidError":
        """Refuse one field."""
        return cls([FieldError(path, message)])
