from datetime import date, time
from typing import Any

import pytest

from api.hours_sentence import MOST_DATES, summary_words
from api.languages import LANGUAGES, language
from directory.hours import OpeningRule, parse_byday
from directory.hours_summary import summarize

TUESDAY = date(2026, 11, 24)
THANKSGIVING = date(2026, 11, 26)


def weekly(days: str, opens: time, closes: time, **more: Any) -> OpeningRule:
    return OpeningRule(
        freq="WEEKLY", byday=parse_byday(days), opens_at=opens, closes_at=closes, **more
    )


def special(first: date, last: date, **hours: Any) -> OpeningRule:
    return OpeningRule(valid_from=first, valid_to=last, **hours)


def said(*rules: OpeningRule, tag: str = "en") -> str:
    words = summary_words(
        summarize(rules, TUESDAY), language=tag, translate=language(tag).translate
    )
    return words.replace("\N{EN DASH}", "-")


OFFICE = weekly("MO,TU,WE,TH,FR", time(9), time(17))
ALL_WEEK = "MO,TU,WE,TH,FR,SA,SU"

CASES = [
    pytest.param(
        [OFFICE, special(THANKSGIVING, THANKSGIVING)],
        "Mon-Fri 9 am-5 pm, closed Thu Nov 26",
        "Lun-vie 9 a.m.-5 p.m., cerrado jue 26 de nov",
        id="office with a holiday",
    ),
    pytest.param(
        [
            OpeningRule(
                freq="MONTHLY", byday=parse_byday("2TU,4TU"), opens_at=time(13), closes_at=time(15)
            )
        ],
        "Every 2nd and 4th Tue 1-3 pm",
        "Cada 2.º y 4.º mar del mes 1-3 p.m.",
        id="weeks of the month",
    ),
    pytest.param(
        [weekly(ALL_WEEK, time(0), time(23, 59))],
        "Open 24 hours",
        "Abierto las 24 horas",
        id="always",
    ),
    pytest.param(
        [OpeningRule(by_appointment=True)], "By appointment", "Con cita", id="by appointment"
    ),
    pytest.param(
        [OpeningRule(freq="WEEKLY", byday=parse_byday("MO,TU"), by_appointment=True)],
        "Mon and Tue by appointment",
        "Lun y mar con cita",
        id="days by appointment",
    ),
    pytest.param(
        [weekly(ALL_WEEK, time(20), time(8))],
        "Every day 8 pm-8 am",
        "Cada día 8 p.m.-8 a.m.",
        id="overnight",
    ),
    pytest.param(
        [weekly("MO,WE,FR", time(9), time(12)), weekly("MO,WE,FR", time(13), time(17))],
        "Mon, Wed, and Fri 9 am-noon and 1-5 pm",
        "Lun, mié y vie 9 a.m.-mediodía y 1-5 p.m.",
        id="several a day",
    ),
    pytest.param(
        [
            weekly("SA,SU", time(10), time(14)),
            OFFICE,
            special(THANKSGIVING, THANKSGIVING, opens_at=time(10), closes_at=time(12)),
            special(date(2026, 12, 18), date(2026, 12, 20)),
        ],
        "Mon-Fri 9 am-5 pm, Sat and Sun 10 am-2 pm, Thu Nov 26 10 am-noon, closed "
        "Fri Dec 18-Sun Dec 20",
        None,
        id="dates of both kinds",
    ),
    pytest.param(
        [weekly("TU", time(13), time(15), interval=2, dtstart=date(2026, 11, 17))],
        "Every 2 weeks on Tue (next Tue Dec 1) 1-3 pm",
        "Cada 2 semanas, mar (próximo: mar 1 de dic) 1-3 p.m.",
        id="every other week",
    ),
    pytest.param(
        [
            OpeningRule(
                freq="MONTHLY", bymonthday=(1, 15, -1), opens_at=time(9, 30), closes_at=time(11, 15)
            )
        ],
        "Day 1, 15, and last of the month 9:30-11:15 am",
        None,
        id="days of the month",
    ),
    pytest.param(
        [
            weekly("TU", time(9), time(15), valid_to=date(2026, 12, 5)),
            weekly("TU", time(10), time(15), valid_from=date(2026, 12, 6)),
        ],
        "Tue 9 am-3 pm until Sat Dec 5, Tue 10 am-3 pm from Sun Dec 6",
        None,
        id="two seasons",
    ),
    pytest.param(
        [weekly("MO", time(0), time(1)), weekly("TU", time(12), time(13))],
        "Mon midnight-1 am, Tue noon-1 pm",
        None,
        id="noon and midnight have names",
    ),
    pytest.param(
        [weekly("MO", time(9), time(9))], "Mon 24 hours from 9 am", None, id="a whole day"
    ),
    pytest.param([], "", "", id="nothing"),
    pytest.param([weekly("MO", time(9), time(17), until=date(2026, 1, 1))], "", "", id="long over"),
]


@pytest.mark.parametrize(("rules", "english", "spanish"), CASES)
def test_hours_are_told_in_a_sentence(
    rules: list[OpeningRule], english: str, spanish: str | None
) -> None:
    assert said(*rules) == english
    if spanish is not None:
        assert said(*rules, tag="es") == spanish


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_phone_is_not_filled_with_dates(tag: str) -> None:
    days = [date(2026, 11, 25 + n) for n in range(0, 5, 2)] + [
        date(2026, 12, 1 + n) for n in range(0, 16, 2)
    ]
    once = [OpeningRule(dtstart=day, opens_at=time(9), closes_at=time(10)) for day in days]

    words = said(*once, tag=tag)

    assert words.count("9-10") == MOST_DATES
    assert words.endswith(("and other dates", "y otras fechas"))
