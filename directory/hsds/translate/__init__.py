"""From rows of any dialect to rows of our tables, one module for each kind of thing."""

from datetime import date

from directory.hsds.places import Places, place_locations
from directory.hsds.records import Translation
from directory.hsds.translate.contacts import translate_contacts, translate_phones
from directory.hsds.translate.details import (
    translate_areas,
    translate_costs,
    translate_documents,
)
from directory.hsds.translate.languages import translate_languages
from directory.hsds.translate.locations import (
    settle_organizations,
    translate_accessibility,
    translate_addresses,
    translate_locations,
)
from directory.hsds.translate.organizations import translate_organizations, translate_programs
from directory.hsds.translate.schedules import translate_schedules
from directory.hsds.translate.services import (
    translate_eligibility,
    translate_services,
    translate_services_at_locations,
)
from directory.hsds.translate.taxonomies import translate_attributes, translate_taxonomies


def translate(translation: Translation, places: Places, today: date) -> None:
    """Translate every table, what is referred to before what refers to it."""
    translate_taxonomies(translation)
    translate_organizations(translation)
    translate_programs(translation)
    translate_locations(translation)
    translate_addresses(translation, places)
    place_locations(translation, places)
    translate_services(translation)
    settle_organizations(translation)
    translate_eligibility(translation)
    translate_services_at_locations(translation)
    translate_contacts(translation)
    translate_phones(translation)
    translate_schedules(translation, today)
    translate_languages(translation)
    translate_accessibility(translation)
    translate_areas(translation)
    translate_documents(translation)
    translate_costs(translation)
    translate_attributes(translation)
