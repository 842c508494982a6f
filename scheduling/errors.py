"""What the scheduler refuses, and why."""

from datetime import date
from uuid import UUID

from directory.errors import ConflictError


class SlotFullError(ConflictError):
    """Not enough places are free: they are booked, or held just now."""

    code = "slot-full"

    def __init__(self) -> None:
        super().__init__("This time has just been taken. Choose another time.")


class AllotmentUsedError(ConflictError):
    """The agency's own allotment of the week is used up, though the slot has room.

    Whoever answers notes it for the account (``note_refusal``), in a transaction of its own: the
    one that was refused is undone.
    """

    code = "allotment-used"

    def __init__(self, allotment_id: UUID, week_on: date, organization_id: UUID) -> None:
        super().__init__(
            "Your agency has used the places that it is granted in this week."
            " Choose another week, or a time that is open to everyone."
        )
        self.allotment_id = allotment_id
        self.week_on = week_on
        self.organization_id = organization_id


class SlotClosedError(ConflictError):
    """The slot has begun, is too near, or lies beyond the host's horizon."""

    code = "slot-closed"

    def __init__(self) -> None:
        super().__init__("This time can no longer be booked, or not yet. Choose another time.")


class HoldExpiredError(ConflictError):
    """The hold lapsed before it was confirmed."""

    code = "hold-expired"

    def __init__(self) -> None:
        super().__init__("The time was kept for ten minutes and they are over. Choose it again.")


class AgreementEndedError(ConflictError):
    """What let the caller book there, an agreement or the window itself, is no longer so.

    Whoever answers lets the hold go, in a transaction of its own.
    """

    code = "agreement-ended"

    def __init__(self, hold_id: UUID | None = None, slot_id: UUID | None = None) -> None:
        self.hold_id, self.slot_id = hold_id, slot_id
        super().__init__(
            "This time is no longer open to your agency: the agreement or the window has ended."
        )


class AgreementStateError(ConflictError):
    """The agreement is not, or no longer, where this step begins: it was signed, or has ended."""

    code = "agreement-state"

    def __init__(self) -> None:
        super().__init__("This agreement has moved on. Look at it again.")


class CancelTooLateError(ConflictError):
    """The host asks to be told earlier than this."""

    code = "cancel-too-late"

    def __init__(self) -> None:
        super().__init__("It is too late to cancel here. Please call the agency.")


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
