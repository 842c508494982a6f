"""The reference of what we add to HSDS is made from the code."""

from collections.abc import Iterator

from directory.hsds.export.columns import columns_in_csv
from directory.hsds.profile import EXTENSIONS, IN_JSON, LISTS_IN_JSON, MEANINGS, NOTHING, PREFIX
from directory.hsds.schemas import profiled
from directory.hsds.standard import HSDS_TABLES, VERSION, Field, Kind, Needed
from tests.docs.test_reference import expect

HEAD = f"""# What we add to HSDS

The directory is HSDS {VERSION} with nothing taken away. What is ours stands apart from it, as an
HSDS profile, so that whoever knows only HSDS can pass over it.

- In JSON it is together in one property, `{PREFIX}`, of the object that it describes:
  `"{PREFIX}": {{"timezone": "America/Detroit"}}`. What is not known is left out.
- In CSV each is a column behind the standard's, `{PREFIX}_` and its name; what is not known is an
  empty cell. What has no column here is only in JSON.
- In CSV a text that the standard requires and nobody has said is `{NOTHING}`: an empty cell is not
  allowed there.
- `/hsds/profile` of a running installation is the profile: where its merge patches (RFC 7386) and
  its schemas are. An export writes all of it; an import reads what has a column, from JSON too.
- A place whose `address_visibility` is not `public` has no other field, ours or the standard's, but
  its `id` and its `location_type`.

Why it is apart: [decision 0013](../decisions/0013-hsds-profile.md).
"""

#: What a value is, in JSON and in CSV.
TYPES = {
    Kind.TEXT: "text",
    Kind.UUID: "UUID",
    Kind.INSTANT: "date and time",
    Kind.FLAG: "true or false",
    Kind.OBJECT: "[object](eligibility-rules.md); in CSV its JSON",
}


def type_of(field: Field) -> str:
    if field.choices:
        return ", ".join(f"`{choice}`" for choice in field.choices)
    whose = f" of the `{field.refers_to}`" if field.refers_to else ""
    return TYPES[field.kind] + whose


def rows_of(table: str) -> Iterator[str]:
    """A table's fields with the columns that an export writes, and lists, with their entries."""
    written = {column.name for column in columns_in_csv(table)}
    for field in (*EXTENSIONS.get(table, ()), *IN_JSON.get(table, ())):
        column = f"{PREFIX}_{field.name}"
        assert column in written
        yield f"| `{field.name}` | `{column}` | {type_of(field)} | {MEANINGS[table, field.name]} |"
    for name, inside in LISTS_IN_JSON.get(table, {}).items():
        yield f"| `{name}` | | list of objects | {MEANINGS[table, name]} |"
        for field in inside:
            needed = "Always there." if field.needed is Needed.EVERYWHERE else ""
            yield f"| `{name}[].{field.name}` | | {type_of(field)} | {needed} |"


def test_every_field_of_the_profile_is_in_the_reference() -> None:
    lines = [HEAD]
    for table in profiled():
        lines += [f"## `{table}` (`{HSDS_TABLES[table].file}`)", ""]
        lines += [f"| in `{PREFIX}` | column | value | meaning |", "|---|---|---|---|"]
        lines += [*rows_of(table), ""]

    expect("hsds-profile.md", "\n".join(lines))
