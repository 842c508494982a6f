"""The kinds of service that the invented agencies give in person. Remote ones: ``seed.lines``."""

from typing import NamedTuple

LOW_INCOME = "Household income at or below 200% of the federal poverty level."
VERY_LOW_INCOME = "Household income at or below 125% of the federal poverty level."
MEDIAN = "Household income at or below 80% of the area median income."
NEIGHBOURS = "For people who live in this county."
ANYONE = "Open to anyone. No questions about papers."

ID = "Photo identification"
ADDRESS = "Proof of address from the last 60 days"
INCOME = "Proof of income from the last 30 days"
LEASE = "Lease or rental agreement"
BILL = "The most recent bill or shut-off notice"
BIRTH = "Birth certificate of each child"
SHOTS = "Record of immunizations"
INSURED = "Insurance or Medicaid card, if you have one"
COURT = "Every paper from the court or the landlord"
TAX = "Social Security card or ITIN letter for each person"


class Offer(NamedTuple):
    """One kind of service, as told by every agency that gives it.

    ``hours`` is a kind in ``seed.hours``; ``ages`` lowest and highest in years, decimal.
    ``fee`` is "free", "sliding" or a price in whole dollars with what it is for, "15 a visit".
    ``room`` is what is counted and how much there is, "24 beds"; empty when nobody counts.
    """

    name: str
    about: str
    needs: str
    hours: str
    who: str = ""
    ages: tuple[float | None, float | None] = (None, None)
    bring: tuple[str, ...] = ()
    fee: str = "free"
    room: str = ""
    apply: str = "Walk in."

    @property
    def unit(self) -> str:
        """What is counted; empty when nobody counts."""
        return self.room.partition(" ")[2]

    @property
    def places(self) -> int:
        """How many there are when all are free."""
        return int(self.room.partition(" ")[0] or 0)


CALL = "Call first for a time."
REFERRED = "Ask any agency of the network to refer you."

#: By the key that ``seed.agencies`` names them by.
OFFERS: dict[str, Offer] = {
    "snap": Offer(
        "Help applying for food assistance", "Someone fills in the state's forms with you.",
        "food insurance", "office", LOW_INCOME, bring=(ID, INCOME), room="6 intake places",
    ),
    "pantry": Offer(
        "Food pantry", "Choose a week of groceries. Fresh food most days; halal shelf.",
        "food-pantry", "pantry", NEIGHBOURS, bring=(ADDRESS,), room="12 intake places",
    ),
    "mobile-pantry": Offer(
        "Groceries from the truck", "A truck in the car park. Bring bags; stay in your car.",
        "food-pantry food", "saturday", ANYONE,
    ),
    "supper": Offer(
        "Community supper", "A hot meal at long tables. Vegetarian dish every time.",
        "meals", "evening", ANYONE, room="80 seats",
    ),
    "breakfast": Offer(
        "Early breakfast", "Porridge, eggs and coffee before work.", "meals", "morning",
        room="40 seats",
    ),
    "home-meals": Offer(
        "Meals brought to your door", "Five meals a week, brought by a volunteer.",
        "meals seniors disability", "midday", "For people who cannot shop or cook.",
        ages=(60, None), fee="sliding", room="15 intake places", apply=CALL,
    ),
    "diapers": Offer(
        "Diaper shelf", "Fifty diapers and wipes for each child, once a month.",
        "baby-supplies", "split day", ages=(None, 4), bring=(BIRTH,),
    ),
    "formula": Offer(
        "Formula and baby food", "Formula in sealed tins, and food from six months.",
        "baby-supplies prenatal", "fortnightly", LOW_INCOME, ages=(None, 2), bring=(BIRTH,),
    ),
    "tenant-desk": Offer(
        "Tenants' desk", "What to say to a landlord, and in what order.", "housing", "split day",
        room="8 intake places",
    ),
    "mediation": Offer(
        "Talks with your landlord", "A mediator sits down with both of you.", "housing legal",
        "by appointment", bring=(LEASE,), fee="sliding", apply=CALL,
    ),
    "shelter": Offer(
        "Overnight shelter", "A bed, a locker and supper. Dogs welcome.", "shelter",
        "overnight", ANYONE, ages=(18, None), room="24 beds", apply="Come to the door from 19:00.",
    ),
    "family-rooms": Offer(
        "Rooms for families", "One room for each family, up to 60 nights.", "shelter housing",
        "around the clock", "For families with children under 18.", room="9 beds", apply=CALL,
    ),
    "warming": Offer(
        "Warming center", "Chairs, blankets and soup on cold nights.", "shelter", "overnight",
        ANYONE, room="30 seats",
    ),
    "rent": Offer(
        "Rent and deposit fund", "Pays up to one month of rent, to the landlord.", "rent-help",
        "office", VERY_LOW_INCOME, ages=(18, None), bring=(ID, LEASE, INCOME),
        room="10 intake places", apply=CALL,
    ),
    "home-finder": Offer(
        "Home finders", "Lists, viewings, and a letter to go with your application.",
        "housing-search", "office", MEDIAN, bring=(ID,), room="6 intake places", apply=CALL,
    ),
    "bills": Offer(
        "Heat and light fund", "Pays a bill before you are cut off.", "utilities", "split day",
        VERY_LOW_INCOME, bring=(ID, BILL, INCOME), room="8 intake places", apply=CALL,
    ),
    "water": Offer(
        "Water bill help", "A payment plan, and the first payment.", "utilities", "office",
        NEIGHBOURS, bring=(BILL, ADDRESS),
    ),
    "furniture": Offer(
        "Furniture floor", "Beds, tables, pots and pans. We lend a van.", "furniture", "saturday",
        fee="20 a household", apply=REFERRED,
    ),
    "clothes": Offer(
        "Clothes closet", "Everyday clothes and winter coats, all sizes.", "clothing", "pantry",
    ),
    "interview": Offer(
        "Interview clothes", "One outfit for an interview, and a second once hired.",
        "clothing jobs", "by appointment", "For people with an interview.", ages=(16, None),
        apply=CALL,
    ),
    "showers": Offer(
        "Showers and laundry", "Towels, soap and two loads of washing.", "showers", "morning",
        ANYONE, room="6 seats",
    ),
    "clinic": Offer(
        "Walk-in clinic", "Nurses and doctors for what cannot wait until Monday.", "health",
        "office", "Insured or not.", bring=(INSURED,), fee="sliding", room="14 seats",
    ),
    "pharmacy": Offer(
        "Help with medicines", "Finds the cheapest way to fill a prescription.", "health",
        "split day", LOW_INCOME, bring=("The prescription",), fee="5 a prescription",
    ),
    "dental": Offer(
        "Dentist", "Check-ups, fillings and teeth that hurt today.", "dental", "office",
        LOW_INCOME, ages=(18, None), bring=(ID, INCOME), fee="25 a visit",
        room="5 intake places", apply=CALL,
    ),
    "dental-kids": Offer(
        "Children's dentist", "Cleaning, sealants and a sticker.", "dental youth", "after school",
        ages=(1, 17.99), bring=(INSURED,), fee="sliding", room="4 intake places", apply=CALL,
    ),
    "eyes": Offer(
        "Eye tests and glasses", "A test and one pair of glasses every two years.", "vision",
        "fortnightly", LOW_INCOME, bring=(INCOME,), fee="10 a pair", room="4 intake places",
        apply=CALL,
    ),
    "counselling": Offer(
        "Counselling", "Up to twelve talks with the same person.", "mental-health",
        "by appointment", bring=(INSURED,), fee="sliding", room="6 intake places", apply=CALL,
    ),
    "circle": Offer(
        "Support circle", "Ten people, tea, and nobody has to speak.", "mental-health", "evening",
        ages=(18, None), room="10 seats",
    ),
    "recovery": Offer(
        "Recovery house", "A sober place to live for ninety days.", "substance-use housing",
        "around the clock", "After an assessment.", ages=(18, None), fee="sliding", room="8 beds",
        apply=REFERRED,
    ),
    "assessment": Offer(
        "Alcohol and drug assessment", "An hour, a plan, and someone to go with you.",
        "substance-use", "office", bring=(ID, INSURED), fee="sliding", room="5 intake places",
        apply=CALL,
    ),
    "prenatal": Offer(
        "Midwives' hours", "Check-ups before the birth and six weeks after.", "prenatal health",
        "split day", "For anyone who is pregnant or was within a year.", fee="sliding",
        room="6 intake places", apply=CALL,
    ),
    "cradle": Offer(
        "New parents' mornings", "Coffee, a scale, and a nurse who answers anything.", "prenatal",
        "midday", "For parents of babies under one.", room="12 seats",
    ),
    "insurance": Offer(
        "Health insurance sign-up", "Medicaid, MIChild and the marketplace, explained.",
        "insurance", "office", bring=(ID, INCOME), room="6 intake places", apply=CALL,
    ),
    "safe-house": Offer(
        "Safe house", "A place to stay that nobody is told of. Call first, day or night.",
        "domestic-violence shelter", "around the clock", ANYONE, room="12 beds",
        apply="Call, day or night. We tell you where to come.",
    ),
    "advocacy": Offer(
        "Advocates", "A plan to stay safe, and someone beside you in court.",
        "domestic-violence legal", "office", ANYONE, room="5 intake places", apply=CALL,
    ),
    "legal": Offer(
        "Legal clinic", "Half an hour with a lawyer: family, debt, benefits.", "legal",
        "split day", VERY_LOW_INCOME, bring=(COURT,), room="6 intake places", apply=CALL,
    ),
    "eviction": Offer(
        "Eviction defense", "A lawyer for your hearing.", "legal housing", "office", LOW_INCOME,
        bring=(COURT, LEASE, INCOME), room="4 intake places", apply=CALL,
    ),
    "expunge": Offer(
        "Clean-slate day", "Clears old convictions that the law lets you clear.", "legal jobs",
        "saturday", ages=(18, None), bring=(ID, COURT), room="10 seats",
    ),
    "newcomers": Offer(
        "Newcomers' welcome", "Papers, schools and the bus, in your own language.",
        "immigration-help", "office", ANYONE, room="6 intake places",
    ),
    "citizenship": Offer(
        "Citizenship class", "Ten evenings for the test, and help with the form.",
        "immigration-help education", "evening", ages=(18, None), room="18 seats",
        fee="30 a course",
    ),
    "jobs": Offer(
        "Job desk", "Applications, a phone to use, and who is hiring this week.", "jobs", "office",
        ages=(16, None), bring=(ID,), room="8 intake places",
    ),
    "training": Offer(
        "Forklift and kitchen training", "Four weeks, with a certificate.", "jobs education",
        "day care", ages=(18, None), bring=(ID,), room="12 seats", apply=CALL,
    ),
    "ged": Offer(
        "GED classes", "All four subjects; begin any Monday.", "education", "evening",
        ages=(17, None), room="16 seats",
    ),
    "english": Offer(
        "English together", "Three levels, with child care in the next room.", "education",
        "split day", ANYONE, ages=(16, None), room="20 seats",
    ),
    "day-care": Offer(
        "Day care", "From six weeks to five years. State subsidy taken.", "childcare", "day care",
        ages=(0.1, 5), bring=(BIRTH, SHOTS), fee="sliding", room="30 seats", apply=CALL,
    ),
    "head-start": Offer(
        "Head Start room", "Pre-school, two meals, and a visit at home each term.", "childcare",
        "day care", VERY_LOW_INCOME, ages=(3, 5), bring=(BIRTH, SHOTS, INCOME), room="18 seats",
        apply=CALL,
    ),
    "after-school": Offer(
        "After-school club", "Homework, snacks and a gym.", "childcare youth", "after school",
        ages=(6, 13), fee="sliding", room="35 seats", apply=CALL,
    ),
    "drop-in": Offer(
        "Teen drop-in", "Sofas, food, wi-fi and one adult who listens.", "youth", "after school",
        ages=(13, 20), room="25 seats",
    ),
    "mentors": Offer(
        "Mentors", "One adult, one hour a week, for a year.", "youth", "by appointment",
        ages=(8, 18), room="10 intake places", apply=CALL,
    ),
    "visits": Offer(
        "Friendly visits", "Somebody to talk to, at your kitchen table.", "seniors",
        "by appointment", "For people who live alone.", ages=(60, None), apply=CALL,
    ),
    "lunch-club": Offer(
        "Lunch club", "Lunch, cards and a ride home.", "seniors meals", "midday", ages=(60, None),
        fee="4 a lunch", room="28 seats",
    ),
    "equipment": Offer(
        "Wheelchairs on loan", "Chairs, walkers and ramps for as long as you need them.",
        "disability", "not given", bring=(ID,),
    ),
    "advocate": Offer(
        "Disability advocates", "Benefits, school meetings and rights at work.", "disability",
        "office", room="5 intake places", apply=CALL,
    ),
    "rides": Offer(
        "Rides to appointments", "A volunteer drives you there and back.", "transport",
        "by appointment", "For people with a medical or court appointment.", fee="sliding",
        room="6 seats", apply="Call two days ahead.",
    ),
    "bus": Offer(
        "Bus passes", "Ten rides, or a month if you start work.", "transport", "office",
        LOW_INCOME, bring=(INCOME,),
    ),
    "tax": Offer(
        "Free tax returns", "Volunteers file it with you while you wait.", "tax-help", "saturday",
        "Household income under $67,000 a year.", bring=(ID, TAX, "All W-2 and 1099 forms"),
        room="9 seats",
    ),
    "budget": Offer(
        "Money and debt advice", "Sort the letters, call the lenders, make a plan.", "tax-help",
        "by appointment", room="4 intake places", apply=CALL,
    ),
}  # fmt: skip
