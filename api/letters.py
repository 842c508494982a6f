"""The words of e-mails: plain text, in the language of the installation."""

from datetime import UTC
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime

from api.languages import Language
from directory.commands.asking import Letter, Occasion, Write
from directory.database import Row


def verification_letters(language: Language, public_url: str) -> Write:
    """Return what writes the letter that asks an agency whether a listing is still right."""

    def write(occasion: Occasion) -> Letter:
        translate = language.translate
        said = {
            "service": _one_line(occasion.service_name),
            "agency": _one_line(occasion.organization_name),
            "link": f"{public_url}/verify/{occasion.token}",
            "day": format_date(occasion.expires_at.astimezone(UTC), "long", locale=language.tag),
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
