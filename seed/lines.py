"""The kinds of service without a place: by phone, by text message and online."""

from seed.offers import ANYONE, LOW_INCOME, VERY_LOW_INCOME, Offer

_PHONE = "Call."
_ONLINE = "Sign up online."

#: By the key that ``seed.agencies`` names them by.
LINES: dict[str, Offer] = {
    "info-line": Offer(
        "Where-do-I-start line", "Say what is wrong; we say whom to ask.",
        "housing food utilities", "around the clock", ANYONE, apply=_PHONE,
    ),
    "crisis-line": Offer(
        "Night-and-day line", "For when it is too much. A person answers, always.",
        "mental-health", "around the clock", ANYONE, apply=_PHONE,
    ),
    "safety-line": Offer(
        "Safety line", "Talk to an advocate. We can call you back at a safe number.",
        "domestic-violence", "around the clock", ANYONE, apply=_PHONE,
    ),
    "quiet-line": Offer(
        "Quiet line", "The same, by text message, for when you cannot speak.",
        "domestic-violence youth", "around the clock", ANYONE, apply="Send a text message.",
    ),
    "nurse-line": Offer(
        "Nurse line", "Is it a doctor, a pharmacy, or a good night's sleep?", "health",
        "around the clock", apply=_PHONE,
    ),
    "legal-line": Offer(
        "Fifteen-minute lawyer", "One question, one answer, by phone.", "legal", "split day",
        VERY_LOW_INCOME, room="4 intake places", apply=_PHONE,
    ),
    "quit-line": Offer(
        "Quit line", "Alcohol, pills or smoking: a coach who calls every week.", "substance-use",
        "office", ages=(18, None), room="8 intake places", apply=_PHONE,
    ),
    "video-talks": Offer(
        "Counselling by video", "The same counsellor each week, on a screen.", "mental-health",
        "by appointment", fee="sliding", room="5 intake places", apply=_ONLINE,
    ),
    "parent-line": Offer(
        "Two-in-the-morning parents", "For parents of small babies who will not sleep.",
        "prenatal childcare", "overnight", apply=_PHONE,
    ),
    "teen-text": Offer(
        "Teen text line", "Someone near your age texts back within five minutes.",
        "youth mental-health", "after school", ages=(12, 19), apply="Send a text message.",
    ),
    "online-english": Offer(
        "English online", "Small groups, evenings, camera optional.", "education", "evening",
        ANYONE, ages=(16, None), room="15 seats", apply=_ONLINE,
    ),
    "tax-video": Offer(
        "Tax returns by video", "Show the papers to the camera; we file.", "tax-help", "evening",
        LOW_INCOME, room="6 seats", apply=_ONLINE,
    ),
    "ride-desk": Offer(
        "Ride desk", "One number for every volunteer driver and dial-a-ride.", "transport",
        "office", fee="3 a ride", apply=_PHONE,
    ),
    "benefits-call": Offer(
        "Benefits by phone", "We fill in the forms while you talk.", "insurance food", "office",
        LOW_INCOME, room="6 intake places", apply=_PHONE,
    ),
    "senior-call": Offer(
        "Good-morning calls", "A call every morning; if nobody answers, we knock.",
        "seniors disability", "morning", ages=(60, None), room="10 intake places", apply=_PHONE,
    ),
}  # fmt: skip
