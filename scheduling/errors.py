"""What the scheduler refuses, and why."""

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
