"""Refusals that are made of parts, said in the reader's language."""

from api.languages import Language
from directory.errors import DomainError
from scheduling.errors import BundleCancelError, BundleTimeError, BundleTooTightError


def bundle_refusal(refusal: DomainError, language: Language) -> str:
    """Say why a bundle was not booked, or not cancelled."""
    translate = language.translate
    if isinstance(refusal, BundleCancelError):
        kept = translate("Nothing was cancelled.")
        return f"{kept} {refusal.title}: {translate(str(refusal.cause))}"
    nothing = translate("Nothing was booked.")
    if isinstance(refusal, BundleTimeError):
        return f"{nothing} {translate(str(refusal.cause))}"
    if isinstance(refusal, BundleTooTightError):
        return f"{nothing} {_too_tight(refusal, language)}"
    return translate(str(refusal))


def _too_tight(refusal: BundleTooTightError, language: Language) -> str:
    translate = language.translate
    titles = {"first": refusal.first.title, "second": refusal.second.title}
    if refusal.overlap:
        return translate("“{first}” and “{second}” overlap.").format(**titles)
    return translate(
        "From “{first}” to “{second}” it takes {needed} minutes; {missing} are missing."
    ).format(**titles, needed=refusal.needed, missing=refusal.missing)
