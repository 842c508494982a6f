"""Why a record is not changed, removed or put back."""

from collections.abc import Mapping

from directory.errors import ConflictError


class StaleError(ConflictError):
    """Somebody changed the record after the caller read it. Nothing was changed.

    ``version`` is the present one.
    """

    code = "stale"

    def __init__(self, version: int) -> None:
        self.version = version
        super().__init__("Somebody changed this after you read it. Look at it again.")


class StillReferredToError(ConflictError):
    """Something else needs the record: ``referring`` has how many, by what they are."""

    code = "still-referred-to"

    def __init__(self, what: str, referring: Mapping[str, int]) -> None:
        self.referring = dict(referring)
        listed = ", ".join(f"{count} {name}" for name, count in sorted(referring.items()))
        super().__init__(
            f"This {what} cannot be removed, because something refers to it: {listed}."
        )


class AlreadyOfferedError(ConflictError):
    """The service is offered in this place already."""

    code = "already-offered"

    def __init__(self) -> None:
        super().__init__("This service is listed in this place already.")


class ChangedSinceError(ConflictError):
    """What is to be undone was changed again afterwards."""

    code = "changed-since"

    def __init__(self, field: str, who: str, when: str) -> None:
        self.field, self.who, self.when = field, who, when
        by = f" by {who}" if who else ""
        at = f" on {when}" if when else ""
        super().__init__(f"This was changed again{by}{at}, so it cannot be undone here: {field}.")


class NotKeptError(ConflictError):
    """What was there before is not kept, because it says where a hidden place is."""

    code = "not-kept"

    def __init__(self) -> None:
        super().__init__(
            "This cannot be undone: of a place whose address is not public we do not keep "
            "what was written before."
        )
