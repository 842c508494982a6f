"""The thirty everyday needs: our own small taxonomy, in plain words."""

from typing import NamedTuple
from uuid import UUID, uuid5

TAXONOMY_NAME = "Everyday needs"

#: The identifier of the taxonomy, the same in every installation; those of its terms follow.
EVERYDAY_ID = uuid5(UUID("8b1f0f0c-54a6-5b8e-9b0e-2f6c1c6f2a10"), TAXONOMY_NAME)


class Need(NamedTuple):
    """A kind of help: its code, what people call it, what it covers, and its parent's code."""

    code: str
    name: str
    description: str
    parent: str | None = None


#: Parents come before their children.
EVERYDAY_NEEDS = (
    Need("food", "Food", "Groceries, meals and help paying for food."),
    Need("food-pantry", "Food pantry", "Free groceries to take home.", "food"),
    Need("meals", "Hot meals", "A meal to eat there or brought to your door.", "food"),
    Need("baby-supplies", "Diapers and formula", "Diapers, formula and baby clothes."),
    Need("housing", "Housing", "A place to live and help keeping it."),
    Need("shelter", "Shelter tonight", "A bed for tonight.", "housing"),
    Need("rent-help", "Help with rent", "Money for rent or a deposit.", "housing"),
    Need("housing-search", "Finding a home", "Help to look for a place to rent.", "housing"),
    Need("utilities", "Heat, light and water bills", "Help paying utility bills."),
    Need("furniture", "Furniture and household goods", "Beds, tables, pots and pans."),
    Need("clothing", "Clothes", "Clothes and shoes, free or at low cost."),
    Need("showers", "Showers and laundry", "Places to wash yourself and your clothes."),
    Need("health", "Health care", "Doctors, nurses and medicine."),
    Need("dental", "Dentist", "Teeth: check-ups and treatment.", "health"),
    Need("vision", "Eye care", "Eye tests and glasses.", "health"),
    Need("mental-health", "Mental health", "Someone to talk to, and treatment.", "health"),
    Need("substance-use", "Alcohol and drug treatment", "Assessment and treatment.", "health"),
    Need("prenatal", "Pregnancy and new babies", "Care before and after birth.", "health"),
    Need("insurance", "Health insurance", "Help to apply for Medicaid and others.", "health"),
    Need("domestic-violence", "Safety from abuse", "Shelter, advice and a safe plan."),
    Need("legal", "Legal help", "Advice and a lawyer for civil matters."),
    Need("immigration-help", "Help for newcomers", "Papers, interpreters and settling in."),
    Need("jobs", "Jobs and training", "Finding work and learning for it."),
    Need("education", "Classes for adults", "Reading, English, GED and computers."),
    Need("childcare", "Child care", "Day care, Head Start and after school."),
    Need("youth", "Young people", "Programs and drop-in places for teenagers."),
    Need("seniors", "Older adults", "Meals, visits and help at home for older people."),
    Need("disability", "Living with a disability", "Equipment, support and advocates."),
    Need("transport", "Rides", "Bus passes and rides to appointments."),
    Need("tax-help", "Taxes and money", "Free tax returns, budgeting and debt advice."),
)

NEEDS_BY_CODE = {need.code: need for need in EVERYDAY_NEEDS}


def need_id(code: str) -> UUID:
    """Return the identifier of a need's term."""
    return uuid5(EVERYDAY_ID, code)
