"""The invented agencies of the demo county. Nobody like them exists, and their names say so."""

from typing import NamedTuple


class Agency(NamedTuple):
    """An agency: its branches by ZIP, and what it offers (keys of ``OFFERS`` and ``LINES``).

    - ``each``: a service of its own at every branch
    - ``all_over``: one service, offered at up to three branches
    - ``remote``: without a place
    - ``hidden``: in a house whose address is told to nobody
    """

    key: str
    name: str
    short: str
    about: str
    zips: str
    each: str = ""
    all_over: str = ""
    remote: str = ""
    hidden: str = ""

    @property
    def domain(self) -> str:
        """Where its mail and web pages would be. ``.example`` is never anybody's (RFC 2606)."""
        return f"{self.key}.example"


#: The office that keeps the network together; its administrator signs in to the demo.
NETWORK_OFFICE = "fogbell"

AGENCIES = (
    Agency(
        "lanternfish", "Lanternfish Pantry", "Lanternfish", "Groceries by the light of the deep.",
        "48910 48842 48906 48854", "pantry clothes snap", "diapers",
    ),
    Agency(
        "papercrane", "The Paper Crane Clinic", "Paper Crane", "Care, folded with care.",
        "48912 48823 48911", "clinic insurance", "prenatal pharmacy", "nurse-line",
    ),
    Agency(
        "moonbeam", "Moonbeam & Sons Legal Kitchen", "Moonbeam & Sons", "Law, with soup.",
        "48933 48813 48879", "legal", "eviction expunge supper", "legal-line",
    ),
    Agency(
        "fogbell", "Fogbell Network Office", "Fogbell", "Keeps the agencies within earshot.",
        "48933", "tenant-desk", "", "info-line",
    ),
    Agency(
        "velvetotter", "The Velvet Otter Night House", "Velvet Otter", "Beds and dry socks.",
        "48915 48910 48837", "shelter showers", "home-finder breakfast",
    ),
    Agency(
        "hollowstar", "Hollow Star Haven", "Hollow Star", "Doors that open for the right knock.",
        "48933 48917", "advocacy", "", "safety-line", "safe-house",
    ),
    Agency(
        "quilthouse", "The Invisible Quilt", "Invisible Quilt", "Warm, and nobody sees it.",
        "48879 48820", "advocacy", "circle", "quiet-line", "safe-house",
    ),
    Agency(
        "marzipan", "Marzipan Family Rooms", "Marzipan", "A door of your own, for a while.",
        "48911 48917", "family-rooms home-finder", "day-care rent",
    ),
    Agency(
        "thunderegg", "Thunderegg Breakfast Society", "Thunderegg", "Eggs before everything.",
        "48906 48915 48827", "breakfast", "supper showers",
    ),
    Agency(
        "kettledrum", "Kettledrum Community Supper", "Kettledrum", "Loud tables, quiet corners.",
        "48912 48854 48837 48879", "supper breakfast", "mobile-pantry lunch-club",
    ),
    Agency(
        "pickledcomet", "The Pickled Comet", "Pickled Comet", "Tins, jars and a truck.",
        "48892 48895 48819 49285", "mobile-pantry pantry", "formula",
    ),
    Agency(
        "turnipmoon", "Turnip Moon Growers' Pantry", "Turnip Moon", "From the field to the bag.",
        "48813 49076 49096 49021", "pantry formula", "mobile-pantry furniture",
    ),
    Agency(
        "goosefeather", "Goosefeather & Daughters", "Goosefeather", "Beds, sheets and spoons.",
        "48910 48813", "furniture clothes bills", "",
    ),
    Agency(
        "tinwhistle", "Tin Whistle Youth Loft", "Tin Whistle", "Up the stairs, third sofa.",
        "48912 48842 48837 48820", "drop-in after-school", "mentors", "teen-text",
    ),
    Agency(
        "rumpled", "The Rumpled Owl School", "Rumpled Owl", "Late learners welcome.",
        "48933 48911 48813 48879", "ged english training", "", "online-english",
    ),
    Agency(
        "clockwork", "Clockwork Pigeon Jobs", "Clockwork Pigeon", "Finds its way to work.",
        "48910 48917 48827", "jobs interview", "training bus",
    ),
    Agency(
        "dandelion", "Dandelion Clock Day Care", "Dandelion Clock", "Small people, big naps.",
        "48842 48864 48840 48808", "day-care", "after-school head-start",
    ),
    Agency(
        "bumbershoot", "Bumbershoot Children's House", "Bumbershoot", "Rain or shine.",
        "48911 48915 48866", "head-start after-school diapers", "formula",
    ),
    Agency(
        "wickerwhale", "Wicker Whale Elders' Club", "Wicker Whale", "Cards, soup, opinions.",
        "48823 48837 48879", "lunch-club home-meals", "visits", "senior-call",
    ),
    Agency(
        "slowclock", "The Slow Clock", "Slow Clock", "No hurry after sixty.",
        "48854 48827 48820", "lunch-club visits", "rides",
    ),
    Agency(
        "ironingbutterfly", "Ironing Butterfly Wheels", "Ironing Butterfly", "Chairs that roll.",
        "48910 48917 48879", "equipment advocate", "rides",
    ),
    Agency(
        "mothwing", "Moth & Lamp Counselling", "Moth & Lamp", "Toward the light, slowly.",
        "48823 48933 48820", "counselling circle", "", "video-talks crisis-line",
    ),
    Agency(
        "saltlick", "Saltlick Recovery Farm", "Saltlick", "Goats, work and company.",
        "49251 49264", "recovery assessment", "circle", "quit-line",
    ),
    Agency(
        "sevenspoons", "Seven Spoons Recovery", "Seven Spoons", "One stir at a time.",
        "48906 48813", "assessment circle", "recovery",
    ),
    Agency(
        "toothfairy", "Overtime Tooth Fairies", "Tooth Fairies", "Teeth, paid by the smile.",
        "48911 48823 48866", "dental dental-kids", "",
    ),
    Agency(
        "binocular", "The Binocular Snail", "Binocular Snail", "Seeing it through, slowly.",
        "48912 48837", "eyes", "dental pharmacy",
    ),
    Agency(
        "storkpost", "Stork Post Midwives", "Stork Post", "Delivered, not left on the step.",
        "48910 48842 48835", "prenatal cradle", "", "parent-line",
    ),
    Agency(
        "umbrellatree", "Umbrella Tree Newcomers' House", "Umbrella Tree", "Come in, it pours.",
        "48911 48823 48917", "newcomers english", "citizenship clothes",
    ),
    Agency(
        "suitcase", "The Talking Suitcase", "Talking Suitcase", "Unpack here.",
        "48933 48820", "newcomers citizenship", "jobs",
    ),
    Agency(
        "abacus", "Abacus & Mouse Money Advice", "Abacus & Mouse", "Counting, without blame.",
        "48933 48837 48879", "budget tax", "", "tax-video",
    ),
    Agency(
        "candlewick", "Candlewick Heat & Light Fund", "Candlewick", "Keeps the pilot lit.",
        "48906 48911 48813", "bills water", "rent",
    ),
    Agency(
        "gaslamp", "The Upside-Down Gas Lamp", "Gas Lamp", "Bills, turned right side up.",
        "48917 48876 48821", "water bills", "budget", "benefits-call",
    ),
    Agency(
        "dodo", "Dodo Dial-a-Ride", "Dodo", "Does not fly. Drives.",
        "48842 48864 48831", "rides bus", "", "ride-desk",
    ),
    Agency(
        "brickbee", "Brick & Bee Tenants' League", "Brick & Bee", "Small, many, and at home.",
        "48912 48823 48813", "tenant-desk mediation", "home-finder",
    ),
    Agency(
        "mittens", "Thirteen Mittens", "Thirteen Mittens", "One to spare.",
        "48915 48840 48890 48894", "clothes warming", "",
    ),
    Agency(
        "gingham", "Gingham Ghost Charity Barn", "Gingham Ghost", "Boo, and here is a sofa.",
        "48876 48822 49096 48835", "clothes furniture", "pantry",
    ),
    Agency(
        "hedgehog", "Hedgehog Standard Time", "Hedgehog", "Rents, roofs and patience.",
        "48933 48854 48879", "rent mediation", "tenant-desk",
    ),
    Agency(
        "buttonjar", "The Button Jar", "Button Jar", "Something here will fit.",
        "48892 48819 49285 49264", "pantry diapers", "clothes",
    ),
    Agency(
        "moss", "Moss & Marble Health Wagon", "Moss & Marble", "A clinic that comes by.",
        "48821 48890 49021 48822 48808", "clinic insurance", "eyes",
    ),
    Agency(
        "borrowedsunday", "The Borrowed Sunday", "Borrowed Sunday", "Rest, by the hour.",
        "48864 48840 48895", "advocate circle", "visits equipment",
    ),
)  # fmt: skip
