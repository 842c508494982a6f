"""What the scheduler refuses, and why."""

from collections.abc import Sequence

from directory.database import Row
from directory.errors import ConflictError


class SlotFullError(ConflictError):
    """Not enough places are free: they are booked, or held just now."""

    code = "slot-full"

    def __init__(self) -> None:
        super().__init__("This time has just been taken. Choose another time.")


class SlotClosedError(ConflictError):
    """The slot has begun, is too near, or lies beyond the host's horizon."""

    code = "slot-closed"

    def __init__(self) -> None:
        super().__init__("This time can no longer be booked, or not yet. Choose another time.")


class SlotWithdrawnError(ConflictError):
    """The host changed or closed the slot while it was held."""

    code = "slot-withdrawn"

    def __init__(self) -> None:
        super().__init__("The agency has just changed or closed this time. Choose another time.")


class HoldExpiredError(ConflictError):
    """The hold lapsed before it was confirmed."""

    code = "hold-expired"

    def __init__(self) -> None:
        super().__init__("The time was kept for ten minutes and they are over. Choose it again.")


class AgreementEndedError(ConflictError):
    """What let the caller book there, an agreement or the window itself, is no longer so."""

    code = "agreement-ended"

    def __init__(self) -> None:
        super().__init__(
            "This time is no longer open to your agency: the agreement or the window has ended."
        )


class CancelTooLateError(ConflictError):
    """The host asks to be told earlier than this."""

    code = "cancel-too-late"

    def __init__(self) -> None:
        super().__init__("It is too late to change this here. Please call the agency.")


class AppointmentFinalError(ConflictError):
    """The appointment is over, one way or another."""

    code = "appointment-final"

    def __init__(self) -> None:
        super().__init__("This appointment is over and can no longer be changed.")


class KeyReusedError(ConflictError):
    """An Idempotency-Key came again with another request."""

    code = "idempotency-key-reused"

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used for a different request. Send a new key.")


class WindowEndedError(ConflictError):
    """The window has ended: it can be copied, not changed."""

    code = "window-ended"

    def __init__(self) -> None:
        super().__init__("This window has ended. Copy it to publish it anew.")


class DecisionsNeededError(ConflictError):
    """A change would hurt bookings, and what is to become of them has not been decided.

    ``affected`` has each of them as it is now, whoever asked before, and when. Nothing was
    changed.
    """

    code = "decisions-needed"

    def __init__(self, affected: Sequence[Row]) -> None:
        self.affected = affected
        super().__init__(
            f"This affects {len(affected)} bookings. Decide what becomes of each, as it is now."
        )
