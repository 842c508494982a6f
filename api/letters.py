"""The words of e-mails: plain text, in the language of the installation."""

from datetime import UTC
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime

from api.languages import Language, language
from api.settings import Settings
from directory.commands.asking import Letter, Occasion, Write
from directory.database import Row
from scheduling.commands.notices import Notice, WriteNotice
from scheduling.models.ticklers import TicklerKind


def verification_letters(speech: Language, public_url: str) -> Write:
    """Return what writes the letter that asks an agency whether a listing is still right."""

    def write(occasion: Occasion) -> Letter:
        translate = speech.translate
        said = {
            "service": _one_line(occasion.service_name),
            "agency": _one_line(occasion.organization_name),
            "link": f"{public_url}/verify/{occasion.token}",
            "day": format_date(occasion.expires_at.astimezone(UTC), "long", locale=speech.tag),
        }
        subject = (
            translate("Reminder: is this still right? {service}")
            if occasion.reminder
            else translate("Is this still right? {service}")
        )
        parts = (
            translate("Hello, {agency}."),
            translate(
                "People are sent to you by what our directory says of “{service}”. Is it still "
                "right? It takes a minute, and you need no password:"
            ),
            "{link}",
            translate(
                "The page shows your hours, phone number and the like, with one button that says "
                "that all of it is right, and a place to say what has changed."
            ),
            translate("The link works once, until {day}. Please do not pass it on."),
            translate(
                "If nobody answers, and the hours were not checked for half a year, the listing "
                "stays, but says “call first” in place of “open now”."
            ),
            translate("Thank you. This message was sent by a machine; nobody reads replies."),
        )
        body = "\n\n".join(part.format(**said) for part in parts)
        return Letter(subject.format(**said), body + "\n")

    return write


def notice_writer(settings: Settings) -> WriteNotice | None:
    """Return what writes the letters about what a host has done; None without a mail server.

    The desk says it too. A letter that leaves weeks later, when there is a server, would only
    confuse.
    """
    if not settings.smtp_url:
        return None
    return notice_letters(language(settings.mail_language), settings.public_url)


def notice_letters(speech: Language, public_url: str) -> WriteNotice:
    """Return what writes the letter about what a host has done with somebody's bookings.

    It names no client, no service and no agency: who may know these signs in and looks.
    """

    def write(notice: Notice) -> Letter:
        translate = speech.translate
        cancelled = notice.kind is TicklerKind.HOST_CANCELLED
        subject = (
            translate("An appointment that you booked was cancelled")
            if cancelled
            else translate("An appointment that you booked was moved")
        )
        single = (
            translate("The agency that was to see your client has cancelled an appointment.")
            if cancelled
            else translate("The agency that is to see your client has moved an appointment.")
        )
        several = (
            translate("The agency has cancelled {count} of the appointments that you booked.")
            if cancelled
            else translate("The agency has moved {count} of the appointments that you booked.")
        )
        only = notice.count == 1
        path = f"/appointments/{notice.appointment_id}" if only else "/desk"
        parts = (
            single if only else several.format(count=notice.count),
            translate("Sign in to see which, and tell your client:"),
            f"{public_url}{path}",
            translate("This message was sent by a machine; nobody reads replies."),
        )
        return Letter(subject, "\n\n".join(parts) + "\n")

    return write


def offer_letter(language: Language, public_url: str, offer: Row) -> Letter:
    """Write to a coordinator that one of their clients is offered a place.

    It says neither who nor what for: mail is read over shoulders.
    """
    translate = language.translate
    until = offer["expires_at"].astimezone(ZoneInfo(offer["timezone"]))
    said = {
        "until": format_datetime(until, "EEEE, MMMM d, h:mm a", locale=language.tag),
        "link": f"{public_url}/desk/waiting",
    }
    parts = (
        translate("Hello,"),
        translate("A place has come up for somebody you put on a waiting list."),
        translate("It is kept until {until}, and then offered to the next in line. Answer here:"),
        "{link}",
        translate("Thank you. This message was sent by a machine; nobody reads replies."),
    )
    body = "\n\n".join(part.format(**said) for part in parts)
    return Letter(translate("A place has come up"), body + "\n")


def _one_line(name: str) -> str:
    """Keep a name from looking like a paragraph of ours."""
    return " ".join(name.split())
