"""What rows of the old dialects become. No database."""

from datetime import date, time

from directory.hsds.records import Translation
from directory.models.locations import LocationType
from directory.models.services import ServiceStatus
from tests.directory.hsds.conftest import Translate, only

ORGANIZATIONS = "id,name\n1,Acorn Aid"
LOCATIONS = "id,organization_id,name\n7,1,Acorn House"


def reasons(translation: Translation) -> set[tuple[str, str]]:
    return {(each.field, each.reason) for each in translation.report.refusals}


def mended(translation: Translation) -> set[tuple[str, str]]:
    return {(each.field, each.reason) for each in translation.report.mends}


def test_a_service_whose_organization_is_missing_gets_one_stand_in(translate: Translate) -> None:
    done = translate(services="id,organization_id,name\n1,916,Soup\n2,916,Bread")
    organization = only(done, "organization")
    assert organization.values["name"] == "Organization 916 (name not in the source)"
    assert organization.source_id == "916"
    assert done.report.of("organization").stand_ins == 1
    assert done.report.of("service").mended == 2


def test_a_location_does_without_an_organization_that_is_missing(translate: Translate) -> None:
    done = translate(locations="id,organization_id,name\n7,916,Acorn House")
    assert only(done, "location").values["organization_id"] is None
    assert ("organization_id", "left out: no such organization in the source") in mended(done)


def test_a_location_keeps_the_stand_in_that_a_service_needed(translate: Translate) -> None:
    done = translate(
        services="id,organization_id,name\n1,916,Soup",
        locations="id,organization_id,name\n7,916,Acorn House",
    )
    assert only(done, "location").values["organization_id"] == only(done, "organization").id


def test_a_service_without_a_name_is_refused(translate: Translate) -> None:
    done = translate(organizations=ORGANIZATIONS, services="id,organization_id,name\n,1,")
    assert reasons(done) == {("name", "empty")}
    assert done.report.refusals[0].line == 2


def test_an_empty_status_means_active_and_an_unknown_one_is_not_listed(
    translate: Translate,
) -> None:
    done = translate(
        organizations=ORGANIZATIONS,
        services="id,organization_id,name,status\n1,1,Soup,\n2,1,Bread,pending\n3,1,Tea,Defunct",
    )
    assert [each.values["status"] for each in done.of("service")] == [
        ServiceStatus.ACTIVE,
        ServiceStatus.INACTIVE,
        ServiceStatus.DEFUNCT,
    ]


def test_rows_that_name_an_absent_service_or_location_are_refused(translate: Translate) -> None:
    done = translate(
        organizations=ORGANIZATIONS,
        services="id,organization_id,name\n1,1,Soup",
        locations=LOCATIONS,
        service_at_location="id,service_id,location_id\n,9,7\n,1,9\n,,7\n,1,7",
        phones="id,location_id,number\n,9,650 555-0125\n,,650 555-0125",
    )
    assert len(list(done.of("service_at_location"))) == 1
    assert reasons(done) == {
        ("service_id", "no such service in the source"),
        ("location_id", "no such location in the source"),
        ("service_id", "names no service"),
        ("organization_id", "does not say what it belongs to"),
    }


def test_several_services_in_one_cell_are_taken_apart(translate: Translate) -> None:
    done = translate(
        organizations=ORGANIZATIONS,
        services="id,organization_id,name\n1,1,Soup\n2,1,Bread",
        locations=LOCATIONS,
        service_at_location='id,service_id,location_id\n,"1,2,Unnamed record",7',
        eligibilities='id,service_id,eligibility\n,"1,2",Age 55 or over',
    )
    assert len(list(done.of("service_at_location"))) == 2
    assert [each.values["minimum_age"] for each in done.of("service")] == [55, 55]
    assert ("service_id", "left out: one of these is no service in the source") in mended(done)


def test_identical_rows_without_an_identifier_are_one(translate: Translate) -> None:
    done = translate(
        organizations=ORGANIZATIONS,
        phones="id,organization_id,number\n,1,650 555-0125\n,1,(650) 555-0125\n,1,650 555-0126",
    )
    assert len(list(done.of("phone"))) == 2
    assert done.report.of("phone").passed_over == 1


def test_an_identifier_that_comes_back_with_other_content_is_refused(translate: Translate) -> None:
    done = translate(organizations="id,name\n1,Acorn Aid\n1,Beech Aid\n1,Acorn Aid")
    assert only(done, "organization").values["name"] == "Acorn Aid"
    assert reasons(done) == {("id", "another row has this id")}
    assert done.report.of("organization").passed_over == 1


def test_the_same_identifier_in_two_tables_is_two_records(translate: Translate) -> None:
    done = translate(organizations=ORGANIZATIONS, locations="id,name\n1,Acorn House")
    assert only(done, "organization").id != only(done, "location").id


def test_weekly_hours_and_closed_days(translate: Translate) -> None:
    done = translate(
        locations="id,name\n7,Acorn House",
        regular_schedules="""
        id,location_id,weekday,opens_at,closes_at
        ,7,Monday,9:00,17:00
        ,7,2,10:00,4:00
        ,7,Sunday,,
        ,7,Saturday,9:00,
        ,7,Someday,9:00,17:00
        ,7,Friday,21:00,20:00
        ,7,Wednesday,00:00,23:59
        """,
    )
    hours = [
        (each.values["byday"], each.values["opens_at"], each.values["closes_at"])
        for each in done.of("schedule")
    ]
    assert hours == [
        ("MO", time(9), time(17)),
        ("TU", time(10), time(16)),
        ("WE", time(0), time(23, 59)),
    ]
    counts = done.report.of("schedule")
    assert (counts.read, counts.passed_over, counts.refused) == (7, 1, 3)


def test_hsds_3_schedules_pass_through(translate: Translate) -> None:
    done = translate(
        locations="id,name\n7,Acorn House",
        schedules="""
        id,location_id,freq,byday,interval,valid_from,valid_to,opens_at,closes_at
        a,7,MONTHLY,"1MO,3mo",1,,,12:00:00,17:00:00
        b,7,,FR,,,,09:00Z,12:00Z
        c,7,DAILY,,,,,9:00,12:00
        d,7,,,,2030-12-25,2030-12-25,,
        e,7,,,,2030-12-25,2030-12-24,,
        """,
    )
    first, second, third = done.of("schedule")
    assert (first.values["byday"], first.values["freq"]) == ("1MO,3MO", "MONTHLY")
    assert (second.values["freq"], second.values["opens_at"]) == ("WEEKLY", time(9))
    assert third.values["valid_from"] == date(2030, 12, 25)
    assert reasons(done) == {
        ("freq", "neither WEEKLY nor MONTHLY"),
        ("valid_to", "ends before it begins"),
    }


def test_holidays_become_dated_exceptions(translate: Translate) -> None:
    done = translate(
        locations="id,name\n7,Acorn House",
        holiday_schedules="""
        id,location_id,start_date,end_date,closed,opens_at,closes_at
        1,7,12/24/2030,12/24/30,false,10:00,4:00 PM
        2,7,"January 01, 0001","January 01, 0001",true,,
        3,7,12/24/2030,12/24/2030,false,,
        """,
    )
    found = [
        (each.values["valid_from"], each.values["opens_at"], each.values["freq"])
        for each in done.of("schedule")
    ]
    assert found == [
        (date(2030, 12, 24), time(10), None),
        (date(2031, 1, 1), None, None),
        (date(2032, 1, 1), None, None),
    ]
    assert reasons(done) == {("opens_at", "neither closed nor open")}


def test_a_location_without_a_point_gets_the_middle_of_its_zip_code(translate: Translate) -> None:
    done = translate(
        locations="id,name\n7,Acorn House",
        addresses="id,location_id,address_1,city,state,zip\n1,7,9 Elm St,Lake Wobble,MN,701",
    )
    location = only(done, "location").values
    assert (location["latitude"], location["longitude"]) == (44.0, -93.0)
    assert location["approximate"] is True
    assert location["timezone"] == "America/Chicago"


def test_neither_a_mail_address_nor_the_organization_places_a_location(
    translate: Translate,
) -> None:
    done = translate(
        organizations=ORGANIZATIONS,
        locations=LOCATIONS,
        mail_addresses="id,location_id,address_1,postal_code\n1,7,9 Elm St,00701",
        postal_addresses="id,organization_id,address_1,postal_code\n1,1,9 Elm St,00701",
    )
    location = only(done, "location").values
    assert location["latitude"] is None
    assert location["timezone"] == "America/Chicago"  # of most addresses of the source
    reason = ("timezone", "time zone taken from most addresses of the source")
    assert reason in mended(done)


def test_a_time_zone_that_nothing_tells_is_utc_and_said(translate: Translate) -> None:
    done = translate(locations="id,name\n7,Acorn House")
    assert only(done, "location").values["timezone"] == "UTC"
    assert ("timezone", "time zone not known: taken as UTC") in mended(done)


def test_a_point_far_from_its_zip_code_is_changed_over(translate: Translate) -> None:
    done = translate(
        locations="id,name,latitude,longitude\n7,Acorn House,-84.6,42.8",
        addresses="id,location_id,address_1,postal_code\n1,7,9 Elm St,00702",
    )
    location = only(done, "location").values
    assert (location["latitude"], location["longitude"]) == (42.8, -84.6)


def test_coordinates_that_are_none_are_left_out_and_said(translate: Translate) -> None:
    done = translate(locations="id,name,latitude,longitude\n7,A,north,west\n8,B,0,0")
    assert [each.values["latitude"] for each in done.of("location")] == [None, None]
    assert ("latitude", "left out: not a number") in mended(done)
    assert ("latitude", "0, 0 is in the sea: left out") in mended(done)


def test_a_virtual_place_has_no_point(translate: Translate) -> None:
    done = translate(
        locations="id,name,virtual\n7,Acorn Line,true",
        addresses="id,location_id,address_1,postal_code\n1,7,9 Elm St,00701",
    )
    location = only(done, "location").values
    assert location["location_type"] is LocationType.VIRTUAL
    assert location["latitude"] is None


def test_an_address_goes_by_kind_where_two_files_count_from_one(translate: Translate) -> None:
    done = translate(
        locations="id,name\n7,Acorn House",
        addresses="id,location_id,address_1\n1,7,9 Elm St",
        mail_addresses="id,location_id,address_1\n1,7,PO Box 9",
    )
    assert [each.values["address_type"] for each in done.of("address")] == [
        LocationType.PHYSICAL,
        LocationType.POSTAL,
    ]


def test_a_phone_number_for_an_address_is_left_out(translate: Translate) -> None:
    done = translate(
        locations="id,name\n7,Acorn House",
        addresses="id,location_id,address_1,city\n1,7,Phone: 555-555-0100,Lake Wobble\n2,7, , ",
    )
    assert only(done, "address").values["address_1"] == ""
    assert reasons(done) == {("address_1", "no address")}


def test_ohana_services_carry_their_parts_in_their_cells(translate: Translate) -> None:
    done = translate(
        organizations=ORGANIZATIONS,
        locations="""
        id,organization_id,name,languages,accessibility
        7,1,Acorn House,"Spanish, Chinese (Mandarin)","ramp, wheelchair"
        """,
        addresses="id,location_id,address_1,state_province\n1,7,9 Elm St,MI",
        taxonomy="taxonomy_id,name,parent_id,parent_name\n1-1,Soup,1,Food\n1,Food,,",
        services="""
        id,location_id,name,eligibility,audience,service_areas,required_documents,taxonomy_ids,keywords
        5,7,Soup,Age 55 or over,Neighbours,"Wobble County, Colma",Photo ID,"1-1, 9",Hot Meals
        """,
    )
    assert [each.values["code"] for each in done.of("language")] == ["es", "cmn"]
    assert [each.values["description"] for each in done.of("accessibility")] == [
        "Ramp",
        "Wheelchair access",
    ]
    service = only(done, "service").values
    assert service["organization_id"] == only(done, "organization").id
    assert service["minimum_age"] == 55
    assert service["eligibility_description"] == "Age 55 or over\nMeant for: Neighbours"
    assert [each.values["extent"] for each in done.of("service_area")] == [
        "MI:Wobble_County",
        None,
    ]
    assert only(done, "required_document").values["document"] == "Photo ID"
    assert only(done, "service_at_location").values["location_id"] == only(done, "location").id
    assert ("taxonomy_ids", "left out: no such term in the source") in mended(done)
    said = {each.values["taxonomy_term_id"] for each in done.of("attribute")}
    codes = {each.values["code"] for each in done.of("taxonomy_term") if each.id in said}
    assert codes == {"1-1", "keyword-hot-meals"}


def test_terms_come_after_their_parents_and_circles_are_cut(translate: Translate) -> None:
    done = translate(
        services="id\n",
        taxonomy="""
        taxonomy_id,name,parent_id
        1-1,Soup,1
        1,Food,
        a,Round,b
        b,And round,a
        c,Own child,c
        d,Orphan,nowhere
        """,
    )
    seen: set[object] = {None}
    for term in done.of("taxonomy_term"):
        assert term.values["parent_id"] in seen
        seen.add(term.id)
    assert len(seen) == 7
    assert len(mended(done)) == 1


def test_hsds_3_tables_are_read_too(translate: Translate) -> None:
    done = translate(
        organizations=ORGANIZATIONS,
        services="id,organization_id,name,minimum_age,maximum_age\n5,1,Soup,0,200",
        taxonomies="id,name\nt,Trees",
        taxonomy_terms="id,code,name,taxonomy_id\nx,OAK,Oak,t",
        attributes="id,link_id,link_entity,taxonomy_term_id,value\na,5,service,x,\nb,9,service,x,",
        cost_options="id,service_id,amount,currency\nc,5,$2.50,usd",
        languages="id,service_id,name\nl,5,es",
        required_documents="id,service_id,document\nd,5,Photo ID",
        service_areas="id,service_id,name\ns,5,Michigan",
    )
    assert only(done, "attribute").values["link_id"] == only(done, "service").id
    assert only(done, "taxonomy_term").values["code"] == "OAK"
    assert only(done, "cost_option").values["amount_cents"] == 250
    assert only(done, "language").values["name"] == "Spanish"
    assert only(done, "service_area").values["extent"] == "MI"
    assert only(done, "service").values["maximum_age"] is None
    assert reasons(done) == {("link_id", "no such service in the source")}


def test_a_name_longer_than_its_column_is_refused(translate: Translate) -> None:
    done = translate(organizations=f"id,name\n1,{'x' * 301}")
    assert reasons(done) == {("name", "longer than 300 characters")}
    assert len(done.report.refusals[0].value) == 80


def test_every_row_is_accounted_for(translate: Translate) -> None:
    done = translate(
        organizations="id,name\n1,Acorn Aid\n1,Acorn Aid\n2,\n3,Beech Aid",
    )
    counts = done.report.of("organization")
    kept = len(list(done.of("organization")))
    assert counts.read == counts.refused + counts.passed_over + kept


def test_a_phone_may_hold_two_numbers_and_speak_a_language(translate: Translate) -> None:
    done = translate(
        organizations=ORGANIZATIONS,
        phones="""
        id,organization_id,number,number_type,department,language
        1,1,618.555.0111; 618.555.0122,hotline,Desk,Spanish
        """,
    )
    numbers = [each.values["number"] for each in done.of("phone")]
    assert numbers == ["(618) 555-0111", "(618) 555-0122"]
    assert {each.values["description"] for each in done.of("phone")} == {"Desk, Hotline"}
    assert len(list(done.of("language"))) == 2


def test_a_service_is_at_a_location_once(translate: Translate) -> None:
    done = translate(
        organizations=ORGANIZATIONS,
        services="id,organization_id,name\n1,1,Soup",
        locations=LOCATIONS,
        service_at_location="id,service_id,location_id\na,1,7\nb,1,7",
    )
    assert only(done, "service_at_location").source_id == "a"
    assert done.report.of("service_at_location").passed_over == 1


def test_columns_that_have_no_place_are_named(translate: Translate) -> None:
    done = translate(organizations="id,name,legal_status,color,shape\n1,Acorn Aid,,red,")
    note = "columns without a place here, not kept: color"
    assert done.report.notes == [("organizations.csv", note)]
