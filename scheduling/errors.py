"""What the scheduler refuses, and why."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from directory.database import Row
from directory.errors import ConflictError, DomainError, FieldError


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
        super().__init__("It is too late to change this here. Please call the agency.")


class AppointmentFinalError(ConflictError):
    """The appointment is over, one way or another."""

    code = "appointment-final"

    def __init__(self) -> None:
        super().__init__("This appointment is over and can no longer be changed.")


class ClientBusyError(ConflictError):
    """The client has another appointment of the same agency's at that time."""

    code = "client-busy"

    def __init__(self) -> None:
        super().__init__("This client has another appointment at that time.")


class TooManyHoldsError(ConflictError):
    """As many times of a service are kept, for one person or their agency, as may be at once."""

    code = "too-many-holds"

    def __init__(self) -> None:
        super().__init__(
            "You or your agency keep as many times there as may be kept at once. Book one of "
            "them, or let it go."
        )


class HeldBeforeError(ConflictError):
    """The caller kept this time a while ago and let it lapse."""

    code = "held-before"

    def __init__(self) -> None:
        super().__init__(
            "You kept this time before and did not book it. You can keep it again ten minutes "
            "after that ended; other times you can keep now."
        )


class NotPendingError(ConflictError):
    """The booking waits for no answer of the host's any more."""

    code = "not-pending"

    def __init__(self) -> None:
        super().__init__("This request has been answered or taken back already.")


class TooEarlyError(ConflictError):
    """What is said of an appointment can only be so once its day, or its time, has come."""

    code = "too-early"

    def __init__(self) -> None:
        super().__init__("This can be said only when the time of the appointment has come.")


class KeyReusedError(ConflictError):
    """An Idempotency-Key came again with another request."""

    code = "idempotency-key-reused"

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used for a different request. Send a new key.")


class BundledTime(NamedTuple):
    """One of the times of a bundle: its number in the request, its window's title, and when."""

    number: int
    title: str
    starts_at: datetime
    ends_at: datetime
    timezone: str

    @property
    def words(self) -> str:
        """Say what and when, by the clock there."""
        zone = ZoneInfo(self.timezone)
        starts, ends = self.starts_at.astimezone(zone), self.ends_at.astimezone(zone)
        return f"{self.title} ({starts:%Y-%m-%d %H:%M} to {ends:%H:%M})"


class BundleTimeError(ConflictError):
    """One of the times of a bundle cannot be booked; nothing was."""

    code = "bundle-time-refused"

    def __init__(self, number: int, cause: DomainError) -> None:
        super().__init__(f"Nothing was booked. Time {number + 1}: {cause}")
        self.number = number
        self.cause = cause
        self.errors = (FieldError(f"slots.{number}", str(cause)),)


class BundleTooTightError(ConflictError):
    """Two times of a bundle overlap, or the way between them takes longer than there is time."""

    code = "bundle-too-tight"

    def __init__(
        self, first: BundledTime, second: BundledTime, needed: int, there_are: int
    ) -> None:
        self.first, self.second = first, second
        self.needed, self.missing = needed, needed - there_are
        self.overlap = there_are < 0
        words = (
            f"These two overlap: {first.words}, and {second.words}."
            if self.overlap
            else f"The way takes {needed} minutes and there are {there_are}, from {first.words}, "
            f"to {second.words}: {self.missing} minutes are missing."
        )
        super().__init__(f"Nothing was booked. {words}")
        self.errors = (FieldError(f"slots.{second.number}", words),)


class BundleCancelError(ConflictError):
    """One appointment of a bundle cannot be cancelled; none was."""

    code = "bundle-not-cancelled"

    def __init__(self, number: int, title: str, cause: DomainError) -> None:
        super().__init__(f"Nothing was cancelled. {title}: {cause}")
        self.title = title
        self.cause = cause
        self.errors = (FieldError(f"appointments.{number}", str(cause)),)


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


class OfferEndedError(ConflictError):
    """The offer was answered before, or its time to answer is over."""

    code = "offer-ended"

    def __init__(self) -> None:
        super().__init__(
            "This offer is over: it was answered, or its time had passed. The place in line stays."
        )


class EntryEndedError(ConflictError):
    """Whoever waited does not wait any more."""

    code = "entry-ended"

    def __init__(self) -> None:
        super().__init__("This place in line is over: it was booked, left, or its days passed.")


class AlreadyWaitingError(ConflictError):
    """The client waits for the very same already."""

    code = "already-waiting"

    def __init__(self) -> None:
        super().__init__("This client is in this line already.")


class LineFullError(ConflictError):
    """Too many people entered themselves into one line."""

    code = "line-full"

    def __init__(self) -> None:
        super().__init__("This waiting list takes nobody else just now. Please call the agency.")
