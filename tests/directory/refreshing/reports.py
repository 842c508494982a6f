"""What agencies and readers say of listings: checks, answers, corrections, room, needs."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from sqlmodel import select

from directory.commands import asking, needs, openings, prices, suggestions, verifications
from directory.commands.asking import FieldAnswer
from directory.commands.openings import OpeningReport
from directory.commands.outbox import claim_message, mark_not_sent, mark_sent
from directory.commands.verifications import MadeSure
from directory.index import refresh_services
from directory.models.history import Suggestion
from directory.models.services import CostOption
from directory.models.verifications import VerificationMethod, VerificationRequest, VitalField
from directory.need_suggestions import Suggestion as SuggestedNeed
from directory.queries.asking import Chosen
from directory.queries.need_suggestions import ServiceSuggestion
from tests.conftest import NOON
from tests.directory.asking_machine import make_token, write
from tests.directory.refreshing.world import Case, Happening, World

DAY = timedelta(days=1)
SOUP = ("Soup",)
BY_PHONE = MadeSure(method=VerificationMethod.PHONE)
CHANGED = {VitalField.HOURS: FieldAnswer(changed=True, words="Mornings")}

report = partial(OpeningReport, unit="bowls")

# ------------------------------------------------------------------------------ checks, questions


def a_service_is_checked(world: World) -> Iterator[None]:
    yield
    verifications.record_verification(
        world.session, world.soup, BY_PHONE, viewer=world.publisher, now=NOON
    )


def a_listing_is_checked(world: World) -> Iterator[None]:
    yield
    verifications.record_verification(
        world.session, world.soup_in_the_hall, BY_PHONE, viewer=world.publisher, now=NOON
    )


def ask(world: World, *, days_ago: int = 0) -> str:
    """Ask about Soup; return the secret of the link."""
    chosen, now = [Chosen(world.soup, "desk@agency.example")], NOON - days_ago * DAY
    asking.ask(world.session, chosen, make_token=make_token, write=write, now=now)
    return make_token(world.session.exec(select(VerificationRequest)).one().id)


def answer(world: World, token: str) -> None:
    """Say that the hours have changed."""
    asking.answer_request(world.session, token, CHANGED, now=NOON)


def deliver(world: World, *, arrives: bool) -> None:
    message = claim_message(world.session, now=NOON)
    assert message is not None
    if arrives:
        mark_sent(world.session, message, now=NOON)
    else:
        mark_not_sent(world.session, message, forever=True, now=NOON)


def an_agency_is_asked(world: World) -> Iterator[None]:
    yield
    ask(world)


def an_agency_says_that_all_is_right(world: World) -> Iterator[None]:
    token = ask(world)
    yield
    asking.answer_request(world.session, token, None, now=NOON)


def an_agency_says_that_its_hours_are_wrong(world: World) -> Iterator[None]:
    token = ask(world)
    yield
    answer(world, token)


def a_question_reached_nobody(world: World) -> Iterator[None]:
    ask(world)
    deliver(world, arrives=False)
    yield
    assert asking.close_requests(world.session, now=NOON) == 1


def a_question_is_past_its_deadline(world: World) -> Iterator[None]:
    ask(world, days_ago=21)
    deliver(world, arrives=True)
    refresh_services(world.session, [world.soup], now=NOON)  # its hours were those of that time
    yield
    assert asking.close_requests(world.session, now=NOON) == 1


def an_agency_is_reminded(world: World) -> Iterator[None]:
    ask(world, days_ago=8)
    deliver(world, arrives=True)
    refresh_services(world.session, [world.soup], now=NOON)
    yield
    assert asking.remind(world.session, make_token=make_token, write=write, now=NOON) == 1


# ------------------------------------------------------------------------------------ corrections


def decide(*, accepted: bool) -> Happening:
    def happening(world: World) -> Iterator[None]:
        answer(world, ask(world))
        told = world.session.exec(select(Suggestion)).one()
        yield
        suggestions.decide_suggestion(
            world.session, told.id, accepted=accepted, answer=None, viewer=world.publisher, now=NOON
        )

    happening.__name__ = f"a correction is {'accepted' if accepted else 'declined'}"
    return happening


def suggest(world: World) -> Suggestion:
    said = suggestions.suggest(
        world.session, world.soup_in_the_hall, about="hours", words="It was closed", now=NOON + DAY
    )
    world.session.flush()
    return said


def a_reader_says_that_hours_are_wrong(world: World) -> Iterator[None]:
    yield
    suggest(world)


def a_reader_says_that_hours_are_wrong_after_the_agencys_correction(world: World) -> Iterator[None]:
    """What the agency said is settled; a reader alone does not dispute it again."""
    (*_,) = decide(accepted=True)(world)
    yield
    suggest(world)


def old_corrections_are_forgotten(world: World) -> Iterator[None]:
    (*_,) = decide(accepted=True)(world)
    yield
    assert suggestions.forget_old_suggestions(world.session, now=NOON + 181 * DAY) == 1


# ------------------------------------------------------------------------------------------- room


def say(world: World, available: int) -> None:
    openings.report_openings(
        world.session,
        world.soup_in_the_hall,
        report(available=available),
        viewer=world.publisher,
        now=NOON,
    )


def there_is_room(world: World) -> Iterator[None]:
    yield
    say(world, 3)


def there_is_room_for_one_fewer(world: World) -> Iterator[None]:
    say(world, 3)
    yield
    openings.step_openings(
        world.session, world.soup_in_the_hall, report(), by=-1, viewer=world.publisher, now=NOON
    )


def a_report_of_room_is_taken_back(world: World) -> Iterator[None]:
    say(world, 3)
    say(world, 0)
    yield
    openings.undo_openings(
        world.session, world.soup_in_the_hall, unit="bowls", viewer=world.publisher, now=NOON
    )


# ----------------------------------------------------------------------------------------- prices


def a_price_has_ended(world: World) -> Iterator[None]:
    yield
    ended = (NOON - 2 * DAY).date()
    world.session.add(CostOption(service_id=world.soup, amount_cents=500, valid_to=ended))
    refresh_services(world.session, [world.soup], now=NOON - 5 * DAY)  # when it still counted
    assert prices.refresh_prices(world.session, now=NOON) == 1


# ------------------------------------------------------------------------------------------ needs


def a_suggested_need_is_accepted(world: World) -> Iterator[None]:
    yield
    suggested = ServiceSuggestion(world.line, "Help line", SuggestedNeed("housing", 90, "help"))
    needs.accept_suggestions(world.session, [suggested], now=NOON)


CASES = (
    Case(verifications.record_verification, verifications, a_service_is_checked, SOUP),
    Case(verifications.record_verification, verifications, a_listing_is_checked, SOUP),
    Case(asking.ask, asking, an_agency_is_asked, SOUP),
    Case(asking.answer_request, asking, an_agency_says_that_all_is_right, SOUP),
    Case(asking.answer_request, asking, an_agency_says_that_its_hours_are_wrong, SOUP),
    Case(asking.close_requests, asking, a_question_reached_nobody, SOUP),
    Case(asking.close_requests, None, a_question_is_past_its_deadline),
    Case(asking.remind, None, an_agency_is_reminded),
    Case(suggestions.decide_suggestion, suggestions, decide(accepted=True), SOUP),
    Case(suggestions.decide_suggestion, suggestions, decide(accepted=False), SOUP),
    Case(suggestions.suggest, None, a_reader_says_that_hours_are_wrong),
    Case(
        suggestions.suggest, None, a_reader_says_that_hours_are_wrong_after_the_agencys_correction
    ),
    Case(suggestions.forget_old_suggestions, None, old_corrections_are_forgotten),
    Case(openings.report_openings, openings, there_is_room, SOUP),
    Case(openings.step_openings, openings, there_is_room_for_one_fewer, SOUP),
    Case(openings.undo_openings, openings, a_report_of_room_is_taken_back, SOUP),
    Case(prices.refresh_prices, prices, a_price_has_ended, SOUP),
    Case(needs.accept_suggestions, needs, a_suggested_need_is_accepted, ["Help line"]),
)
