import json

from directory.hsds.report import ImportReport, Mend, ReasonRow, Refusal, shortened


def report() -> ImportReport:
    made = ImportReport("invented")
    made.mend(Mend("phone", "phones.csv", 2, "number", "650 555-0125", "written out"))
    made.mend(Mend("phone", "phones.csv", 2, "type", "sms", "the word"))
    made.mend(Mend("phone", "phones.csv", 3, "number", "650 555-0126", "written out"))
    made.refuse(Refusal("phone", "phones.csv", 4, "number", "x" * 500, "not a phone number"))
    return made


def test_a_row_is_counted_once_however_much_was_mended_in_it() -> None:
    counts = report().of("phone")
    assert (counts.mended, counts.refused) == (2, 1)


def test_values_are_short_and_on_one_line() -> None:
    assert len(report().refusals[0].value) == 80
    assert shortened("a\n b") == "a b"


def test_findings_of_one_kind_stand_together() -> None:
    rows = report().reason_rows()
    assert rows[1] == ReasonRow(
        "mended", "phones.csv", "number", "written out", 2, 2, "650 555-0125"
    )
    assert [row.kind for row in rows] == ["refused", "mended", "mended"]


def test_values_of_a_row_can_be_forgotten() -> None:
    made = report()
    made.forget_values([("phones.csv", 2)])
    assert [mend.value for mend in made.mends] == ["", "", "650 555-0126"]


def test_the_report_is_plain_data() -> None:
    data = json.loads(json.dumps(report().to_dict()))
    assert data["counts"]["phone"]["mended"] == 2
    assert data["refusals"][0]["line"] == 4


def test_very_many_findings_are_counted_but_not_all_kept() -> None:
    made = ImportReport("invented")
    for line in range(6_000):
        made.refuse(Refusal("phone", "phones.csv", line, "number", "", "empty"))
    assert made.of("phone").refused == 6_000
    assert len(made.refusals) == 5_000
