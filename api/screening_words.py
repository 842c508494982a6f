"""The questions of a screening: how each is asked, why, and what can be answered."""

from collections.abc import Mapping
from typing import NamedTuple

from api.languages import marked as _


class Asking(NamedTuple):
    """How a fact is asked for, why, and what helps to answer."""

    question: str
    why: str
    hint: str = ""


_INCOME_LIMITS = _("Many kinds of help are for people under an income limit.")
_WHERE = _("Some places only help people who live in certain areas.")

ASKING: Mapping[str, Asking] = {
    "age": Asking(
        _("How old are you?"),
        _("Some kinds of help are only for children, adults or older people."),
        _("In years, such as 34"),
    ),
    "household_size": Asking(
        _("How many people live in your home, with you?"),
        _("Income limits depend on how many people live together."),
        _("Count yourself too"),
    ),
    "income_month": Asking(
        _("How much money does your household get in a month?"),
        _INCOME_LIMITS,
        _("Before taxes, in dollars, such as 1800. Your best guess is fine."),
    ),
    "county": Asking(_("Which county do you live in?"), _WHERE),
    "zip": Asking(_("What is your ZIP code?"), _WHERE, _("Five digits, such as 48933")),
    "languages": Asking(
        _("Which languages do you speak?"),
        _("Some kinds of help are for people who speak a certain language."),
        _("Tick all that you speak. None is an answer too."),
    ),
    "veteran": Asking(
        _("Have you served in the armed forces?"),
        _("Some kinds of help are only for people who have."),
    ),
    "pregnant": Asking(
        _("Are you pregnant?"), _("Some kinds of help are only for people who are.")
    ),
    "children_ages": Asking(
        _("How old are the children you take care of?"),
        _("Some kinds of help are for families with children of a certain age."),
        _("In years, such as 2, 7. For a baby of six months 0.5. Leave empty if there are none."),
    ),
    "insurance": Asking(
        _("What health insurance do you have?"),
        _("Some clinics are only for people with or without a certain insurance."),
    ),
    "housing": Asking(
        _("Where do you live now?"),
        _("Some kinds of help are for people without a home, or about to lose it."),
    ),
    "documents": Asking(
        _("Which of these papers can you show?"),
        _("Some places have to see a paper before they can help."),
        _("Tick all that you have or can get soon. None is an answer too."),
    ),
}

#: Where people live, as they would say it of themselves.
HOUSING: Mapping[str, str] = {
    "unsheltered": _("I sleep outside or in a car"),
    "shelter": _("I stay in a shelter"),
    "with-others": _("I stay with friends or family"),
    "losing-home": _("I am about to lose my home"),
    "renting": _("I rent my home"),
    "owning": _("I own my home"),
    "institution": _("I am in a hospital, a jail or another institution"),
}
