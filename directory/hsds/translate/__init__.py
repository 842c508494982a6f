"""From rows of any dialect to rows of our tables, one module for each kind of thing."""

from datetime import date

from directory.hsds.columns import MODELS
from directory.hsds.places import Places, place_locations
from directory.hsds.records import Translation
from directory.hsds.translate.capacities import translate_capacities, translate_units
from directory.hsds.translate.contacts import translate_contacts, translate_phones
from directory.hsds.translate.details import (
    translate_areas,
    translate_costs,
    translate_documents,
    translate_funding,
    translate_urls,
)
from directory.hsds.translate.history import translate_histories, translate_table_descriptions
from directory.hsds.translate.languages import translate_languages
from directory.hsds.translate.locations import (
    settle_organizations,
    translate_accessibility,
    translate_addresses,
    translate_locations,
)
from directory.hsds.translate.organizations import (
    translate_identifiers,
    translate_organizations,
    translate_programs,
)
from directory.hsds.translate.own import translate_own
from directory.hsds.translate.schedules import translate_schedules
from directory.hsds.translate.services import (
    translate_eligibility,
    translate_payments,
    translate_services,
    translate_services_at_locations,
)
from directory.hsds.translate.taxonomies import translate_attributes, translate_taxonomies


def translate(translation: Translation, places: Places, today: date) -> None:
    """Translate every table, what is referred to before what refers to it."""
    if translation.keep_ids:
        for table in MODELS:
            translate_own(translation, table)
        place_locations(translation, places)
        return
    translate_taxonomies(translation)
    translate_organizations(translation)
    translate_identifiers(translation)
    translate_programs(translation)
    _translate_places(translation, places)
    translate_services(translation)
    settle_organizations(translation)
    translate_eligibility(translation)
    translate_payments(translation)
    translate_services_at_locations(translation)
    translate_contacts(translation)
    translate_phones(translation)
    translate_schedules(translation, today)
    translate_languages(translation)
    _translate_details(translation)


def _translate_places(translation: Translation, places: Places) -> None:
    translate_locations(translation)
    translate_addresses(translation, places)
    place_locations(translation, places)
    translate_accessibility(translation)


def _translate_details(translation: Translation) -> None:
    translate_areas(translation)
    translate_documents(translation)
    translate_costs(translation)
    translate_funding(translation)
    translate_urls(translation)
    translate_units(translation)
    translate_capacities(translation)
    translate_table_descriptions(translation)
    translate_attributes(translation)
    translate_histories(translation)
