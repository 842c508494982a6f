"""HSDS ``schedule``: published opening hours. Nothing here is bookable."""

from datetime import date, time
from uuid import UUID

from sqlmodel import CheckConstraint, Field

from directory.models.sourced import Sourced


class Schedule(Sourced, table=True):
    """One line of published opening hours; ``directory.hours`` says what it means.

    ``opens_at`` and ``closes_at`` are wall-clock readings in the location's time zone.
    ``timezone`` is the offset from UTC, in hours, that a source gave; nothing here counts by
    it, because it cannot say when the clocks change. Ours is ``by_appointment``.
    """

    __table_args__ = (
        CheckConstraint("freq IN ('WEEKLY', 'MONTHLY')", name="freq_known"),
        CheckConstraint("repeat_interval BETWEEN 1 AND 52", name="interval_range"),
        CheckConstraint("valid_to >= valid_from", name="valid_dates_in_order"),
    )

    service_id: UUID | None = Field(default=None, foreign_key="service.id", index=True)
    location_id: UUID | None = Field(default=None, foreign_key="location.id", index=True)
    service_at_location_id: UUID | None = Field(
        default=None, foreign_key="service_at_location.id", index=True
    )
    valid_from: date | None = None
    valid_to: date | None = None
    dtstart: date | None = None
    timezone: float | None = None
    until: date | None = None
    count: int | None = None
    freq: str | None = Field(default=None, max_length=8)
    repeat_interval: int = 1
    wkst: str | None = Field(default=None, max_length=2)
    byday: str | None = None
    byweekno: str | None = None
    bymonthday: str | None = None
    byyearday: str | None = None
    description: str | None = None
    opens_at: time | None = None
    closes_at: time | None = None
    schedule_link: str | None = None
    attending_type: str | None = None
    notes: str | None = None
    by_appointment: bool = False
