"""Why a plan is proposed, what would make it better, and why a need is not met: in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from api.languages import Language
from api.languages import marked as _
from api.schemas.plans import PlannedAppointment, PlannedDay, ProposalReply, StepReply
from api.words import clock_words, day_words
from geo.travel import Mode
from scheduling.planning import Plan, Planned
from scheduling.rules import MINUTE
from scheduling.timetables import Doing

HOUR_MINUTES = 60
#: So much sooner, or so much less under way, is worth a sentence.
WORTH_SAYING = 15

WAYS = {
    Mode.WALK: _("Walk {length} to {place}"),
    Mode.BICYCLE: _("Cycle {length} to {place}"),
    Mode.TRANSIT: _("By bus, {length}, to {place}"),
    Mode.DRIVE: _("Drive {length} to {place}"),
}


class SaidStep(NamedTuple):
    """A line of a timetable; ``appointment`` where it is one."""

    clock: str
    words: str
    appointment: PlannedAppointment | None


@dataclass(frozen=True, slots=True)
class PlanWords:
    """Says plans to one reader, by the clock where the client starts."""

    language: Language
    zone: ZoneInfo
    today: date

    def translate(self, message: str, **values: object) -> str:
        """Translate a sentence and fill it in."""
        return self.language.translate(message).format(**values)

    def length(self, minutes: int) -> str:
        """Say how long: ``"45 min"``, ``"1 h 10 min"``."""
        hours, rest = divmod(minutes, HOUR_MINUTES)
        if not hours:
            return self.translate("{count} min", count=rest)
        if not rest:
            return self.translate("{count} h", count=hours)
        return self.translate("{hours} h {minutes} min", hours=hours, minutes=rest)

    def clock(self, at: datetime) -> str:
        """Say a time of the day."""
        return clock_words(
            at.astimezone(self.zone), language=self.language.tag, translate=self.language.translate
        )

    def day(self, at: datetime) -> str:
        """Say the day of an instant."""
        day = at.astimezone(self.zone).date()
        tag = self.language.tag
        return day_words(day, self.today, language=tag, translate=self.language.translate)

    def moment(self, at: datetime) -> str:
        """Say day and time."""
        return f"{self.day(at)}, {self.clock(at)}"

    # ------------------------------------------------------------------------------- because

    def because(self, plan: Plan, best: Plan, needs: int) -> Iterator[str]:
        """Yield why a plan is proposed: for itself, or for what it has ahead of the best."""
        yield self._met(len(plan.stops), needs, plan.worth.days)
        yield self.translate(
            "{length} of travel and waiting; back {moment}.",
            length=self.length(plan.worth.idle_minutes),
            moment=self.moment(plan.worth.done_at),
        )
        if plan == best:
            yield self.translate("No plan with as few days out has less travel and waiting.")
        else:
            yield from self._ahead(plan, best)

    def _met(self, met: int, needs: int, days: int) -> str:
        if met < needs:
            said = self.translate("{met} of {needs} needs", met=met, needs=needs)
        elif needs == 1:
            said = self.translate("What is needed")
        else:
            said = self.translate("All {needs} needs", needs=needs)
        if days == 1:
            return self.translate("{needs} in one day.", needs=said)
        return self.translate("{needs} on {days} days.", needs=said, days=days)

    def _ahead(self, plan: Plan, best: Plan) -> Iterator[str]:
        less = best.worth.idle_minutes - plan.worth.idle_minutes
        if plan.worth.done_at < best.worth.done_at:
            yield self.translate("Done sooner than the first.")
        if less > 0:
            yield self.translate(
                "{length} less under way than the first.", length=self.length(less)
            )
        if less < 0:
            yield self.translate(
                "{length} more under way than the first.", length=self.length(-less)
            )
        if plan.worth.days > best.worth.days:
            yield self.translate("More days out than the first.")

    # -------------------------------------------------------------------------------- better

    def better(self, planned: Planned, names: Sequence[str]) -> Iterator[str]:
        """Yield what leaving out each need would gain, where that is worth saying."""
        if not planned.plans:
            return
        best = planned.plans[0]
        for need, other in planned.without.items():
            gains = list(self._gains(best, other))
            if gains:
                yield self.translate(
                    "Without “{need}”: {gains}.", need=names[need], gains=", ".join(gains)
                )

    def _gains(self, best: Plan, other: Plan) -> Iterator[str]:
        days = best.worth.days - other.worth.days
        if days > 0 and other.worth.days == 1:
            yield self.translate("one day instead of {days}", days=best.worth.days)
        elif days > 0:
            yield self.translate(
                "{fewer} days instead of {days}", fewer=other.worth.days, days=best.worth.days
            )
        if (best.worth.done_at - other.worth.done_at) // MINUTE >= WORTH_SAYING:
            yield self.translate(
                "back {moment} instead of {other}",
                moment=self.moment(other.worth.done_at),
                other=self.moment(best.worth.done_at),
            )
        less = best.worth.idle_minutes - other.worth.idle_minutes
        if less >= WORTH_SAYING:
            yield self.translate("{length} less travel and waiting", length=self.length(less))

    # ----------------------------------------------------------------------------- timetable

    def steps(self, proposal: ProposalReply, day: PlannedDay, mode: Mode) -> Iterator[SaidStep]:
        """Yield what to do when on one day of a proposal."""
        for step in day.steps:
            number = step.appointment
            there = None if number is None else proposal.appointments[number]
            said = self._doing(step, there, mode)
            is_appointment = there is not None and step.doing == Doing.APPOINTMENT
            yield SaidStep(self.clock(step.starts_at), said, there if is_appointment else None)

    def _doing(self, step: StepReply, there: PlannedAppointment | None, mode: Mode) -> str:
        if step.doing == Doing.WAIT:
            return self.translate("Wait {length}", length=self.length(step.minutes))
        if there is not None and step.doing == Doing.APPOINTMENT:
            until = self.translate("until {time}", time=self.clock(step.ends_at))
            return f"{there.service.name}, {until}"
        where = there.location or there.organization.name if there else None
        return self.way(step.minutes, mode, where, is_known=step.known)

    def way(self, minutes: int, mode: Mode, where: str | None, *, is_known: bool) -> str:
        """Say a way; ``where`` None is back to the start."""
        to = where or self.translate("where you began")
        if not is_known:
            return self.translate(
                "To {place}: nobody knows the way here, so {length} are kept for it",
                place=to,
                length=self.length(minutes),
            )
        return self.translate(WAYS[mode], length=self.length(minutes), place=to)
