"""the whole of HSDS, its history, and how true it is.

The previous release must still run on the result: add first, remove a release later.
(0001 was in no release, so that ``attribute`` and ``search_entry`` could be changed here in one
step.)
"""

from datetime import timedelta

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


BEFORE = ("open", "full", "waitlist", "call")
AFTER = ("open", "full", "waitlist", "assessment required", "call")


def _take_statuses(statuses: tuple[str, ...]) -> None:
    """Let openings have these statuses; a CHECK can only be replaced."""
    listed = ", ".join(f"'{status}'" for status in statuses)
    with op.batch_alter_table("service_capacity") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_service_capacity_openingstatus"), type_="check")
        batch_op.create_check_constraint(
            batch_op.f("ck_service_capacity_openingstatus"), f"status IN ({listed})"
        )


#: An undo may say again what is over by now.
EXPIRES_AFTER_REPORT = "ck_service_capacity_expires_after_report"


def _tell_undone_and_linked_reports() -> None:
    """Let a report say what it takes back, when its words were said, and with which link."""
    with op.batch_alter_table("service_capacity") as batch_op:
        batch_op.drop_constraint(op.f(EXPIRES_AFTER_REPORT), type_="check")
        batch_op.add_column(
            sa.Column("said_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True)
        )
        batch_op.add_column(sa.Column("openings_link_id", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_service_capacity_openings_link_id_openings_link"),
            "openings_link",
            ["openings_link_id"],
            ["id"],
        )
        batch_op.create_unique_constraint(
            batch_op.f("uq_service_capacity_undoes_id"), ["undoes_id"]
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_service_capacity_said_before_repeated"), "said_at <= updated"
        )
        batch_op.create_index(
            "ix_service_capacity_counted",
            ["service_id", "service_at_location_id", "unit_id", "population", "updated"],
        )


def _end_after_they_begin() -> None:
    """Let reports that were over when they were made count for a microsecond."""
    instant = sqlmodel.sql.sqltypes.UTCDateTime()
    columns = (
        sa.column("id", sa.Uuid()),
        *(sa.column(n, instant) for n in ("updated", "expires_at")),
    )
    reports = sa.table("service_capacity", *columns)
    over = sa.select(reports).where(reports.c.expires_at <= reports.c.updated)
    for row in op.get_bind().execute(over).mappings().all():
        op.get_bind().execute(
            sa.update(reports)
            .where(reports.c.id == row["id"])
            .values(expires_at=row["updated"] + timedelta(microseconds=1))
        )


def _forget_undone_and_linked_reports() -> None:
    _end_after_they_begin()
    with op.batch_alter_table("service_capacity") as batch_op:
        batch_op.create_check_constraint(op.f(EXPIRES_AFTER_REPORT), "expires_at > updated")
        batch_op.drop_index("ix_service_capacity_counted")
        batch_op.drop_constraint(
            batch_op.f("ck_service_capacity_said_before_repeated"), type_="check"
        )
        batch_op.drop_constraint(batch_op.f("uq_service_capacity_undoes_id"), type_="unique")
        batch_op.drop_constraint(
            batch_op.f("fk_service_capacity_openings_link_id_openings_link"), type_="foreignkey"
        )
        batch_op.drop_column("openings_link_id")
        batch_op.drop_column("said_at")


#: The one report that a search row of 0001 could hold.
ONE_REPORT = {
    "opening_available": sa.Integer(),
    "opening_maximum": sa.Integer(),
    "opening_unit": sqlmodel.sql.sqltypes.AutoString(),
    "opening_as_of": sqlmodel.sql.sqltypes.UTCDateTime(),
    "opening_said_by": sqlmodel.sql.sqltypes.AutoString(),
}


def _let_search_rows_hold_several_reports() -> None:
    """Give search rows a list of reports, and put into it the one that they had."""
    with op.batch_alter_table("search_entry") as batch_op:
        batch_op.add_column(sa.Column("openings", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(
            sa.Column("opening_room_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True)
        )
    _move_reports()
    with op.batch_alter_table("search_entry") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_search_entry_openingstatus"), type_="check")
        batch_op.drop_column("opening_status")
        for column in ONE_REPORT:
            batch_op.drop_column(column)


def _move_reports() -> None:
    instant = sqlmodel.sql.sqltypes.UTCDateTime()
    columns = {
        "id": sa.Uuid(),
        "openings": sa.JSON(),
        "opening_room_until": instant,
        "opening_expires_at": instant,
        "opening_status": sa.String(),
        **ONE_REPORT,
    }
    entries = sa.table("search_entry", *(sa.column(name, columns[name]) for name in columns))
    said = sa.select(entries).where(entries.c.opening_status.is_not(None))
    for row in op.get_bind().execute(said).mappings().all():
        room = row["opening_status"] == "open" and row["opening_available"] != 0
        report = {
            "unit": row["opening_unit"],
            "population": "",
            "status": row["opening_status"],
            "available": row["opening_available"],
            "maximum": row["opening_maximum"],
            "note": None,
            "as_of": row["opening_as_of"].isoformat(),
            "expires_at": row["opening_expires_at"].isoformat(),
            "said_by": row["opening_said_by"],
            "whole_service": False,
        }
        op.get_bind().execute(
            sa.update(entries)
            .where(entries.c.id == row["id"])
            .values(
                openings=[report], opening_room_until=row["opening_expires_at"] if room else None
            )
        )


def _let_search_rows_hold_one_report() -> None:
    """Take the list away. The columns stay empty until a row is made anew."""
    with op.batch_alter_table("search_entry") as batch_op:
        batch_op.drop_column("opening_room_until")
        batch_op.drop_column("openings")
        for column, kind in ONE_REPORT.items():
            batch_op.add_column(sa.Column(column, kind, nullable=True))
        batch_op.add_column(
            sa.Column(
                "opening_status",
                sa.Enum(
                    *BEFORE,
                    name="openingstatus",
                    native_enum=False,
                    create_constraint=True,
                    length=32,
                ),
                nullable=True,
            )
        )


#: What a search row says of how true its listing is.
TRUTH = {
    "checked_at": sqlmodel.sql.sqltypes.UTCDateTime(),
    "checked_how": sqlmodel.sql.sqltypes.AutoString(length=20),
    "hours_checked_at": sqlmodel.sql.sqltypes.UTCDateTime(),
    "hours_checked_how": sqlmodel.sql.sqltypes.AutoString(length=20),
    "hours_claimed_until": sqlmodel.sql.sqltypes.UTCDateTime(),
}


def _let_search_rows_tell_their_truth() -> None:
    with op.batch_alter_table("search_entry") as batch_op:
        batch_op.add_column(
            sa.Column(
                "vital", sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default=" "
            )
        )
        for name, kind in TRUTH.items():
            batch_op.add_column(sa.Column(name, kind, nullable=True))


def _let_search_rows_forget_their_truth() -> None:
    with op.batch_alter_table("search_entry") as batch_op:
        for name in ("vital", *TRUTH):
            batch_op.drop_column(name)


def upgrade() -> None:
    # ### commands auto generated by Alembic - please adjust! ###
    op.create_table(
        "import_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "applied",
                "refused",
                name="importoutcome",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("started_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("finished_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
    )
    with op.batch_alter_table("import_run", schema=None) as batch_op:
        batch_op.create_index("ix_import_run_newest", ["finished_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_import_run_source"), ["source"], unique=False)

    op.create_table(
        "meta_table_description",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=True),
        sa.Column("source_id", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.Column("original", sa.JSON(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("language", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("character_set", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meta_table_description")),
    )
    with op.batch_alter_table("meta_table_description", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_meta_table_description_source"), ["source"], unique=False
        )

    op.create_table(
        "outgoing_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recipient", sqlmodel.sql.sqltypes.AutoString(length=254), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("dedupe_key", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("failed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_message")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_outgoing_message_dedupe_key")),
    )
    with op.batch_alter_table("outgoing_message", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outgoing_message_due",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("sent_at IS NULL AND failed_at IS NULL"),
            postgresql_where=sa.text("sent_at IS NULL AND failed_at IS NULL"),
        )

    op.create_table(
        "organization_identifier",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=True),
        sa.Column("source_id", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.Column("original", sa.JSON(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("identifier_scheme", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("identifier_type", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("identifier", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_organization_identifier_organization_id_organization"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization_identifier")),
    )
    with op.batch_alter_table("organization_identifier", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_organization_identifier_organization_id"),
            ["organization_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_organization_identifier_source"), ["source"], unique=False
        )

    op.create_table(
        "metadata",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=True),
        sa.Column("source_id", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.Column("original", sa.JSON(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("resource_type", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("last_action_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("last_action_type", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("field_name", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("previous_value", sa.Text(), nullable=False),
        sa.Column("replacement_value", sa.Text(), nullable=False),
        sa.Column("updated_by", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=True),
        sa.Column("origin", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_metadata_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_metadata_organization_id_organization"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_metadata")),
    )
    with op.batch_alter_table("metadata", schema=None) as batch_op:
        batch_op.create_index("ix_metadata_change_id", ["change_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_metadata_organization_id"), ["organization_id"], unique=False
        )
        batch_op.create_index(
            "ix_metadata_resource", ["resource_id", "last_action_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_metadata_source"), ["source"], unique=False)

    op.create_table(
        "place_review",
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column(
            "decision",
            sa.Enum(
                "public",
                "area only",
                "hidden",
                name="addressvisibility",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("decided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_place_review_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["location_id"], ["location.id"], name=op.f("fk_place_review_location_id_location")
        ),
        sa.PrimaryKeyConstraint("location_id", name=op.f("pk_place_review")),
    )
    with op.batch_alter_table("place_review", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_place_review_decided_at"), ["decided_at"], unique=False
        )

    op.create_table(
        "record_merge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resource_type", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("kept_id", sa.Uuid(), nullable=False),
        sa.Column("merged_id", sa.Uuid(), nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("merged_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("undone_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_record_merge_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_merge")),
    )
    with op.batch_alter_table("record_merge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_record_merge_kept_id"), ["kept_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_record_merge_merged_id"), ["merged_id"], unique=False)

    op.create_table(
        "taxonomy_term_mapping",
        sa.Column("taxonomy_term_id", sa.Uuid(), nullable=False),
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["need_id"],
            ["taxonomy_term.id"],
            name=op.f("fk_taxonomy_term_mapping_need_id_taxonomy_term"),
        ),
        sa.ForeignKeyConstraint(
            ["taxonomy_term_id"],
            ["taxonomy_term.id"],
            name=op.f("fk_taxonomy_term_mapping_taxonomy_term_id_taxonomy_term"),
        ),
        sa.PrimaryKeyConstraint(
            "taxonomy_term_id", "need_id", name=op.f("pk_taxonomy_term_mapping")
        ),
    )
    with op.batch_alter_table("taxonomy_term_mapping", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_taxonomy_term_mapping_need_id"), ["need_id"], unique=False
        )

    op.create_table(
        "taxonomy_term_synonym",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("taxonomy_term_id", sa.Uuid(), nullable=False),
        sa.Column("language", sqlmodel.sql.sqltypes.AutoString(length=3), nullable=False),
        sa.Column("words", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["taxonomy_term_id"],
            ["taxonomy_term.id"],
            name=op.f("fk_taxonomy_term_synonym_taxonomy_term_id_taxonomy_term"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_taxonomy_term_synonym")),
        sa.UniqueConstraint(
            "taxonomy_term_id",
            "language",
            "words",
            name=op.f("uq_taxonomy_term_synonym_taxonomy_term_id_language_words"),
        ),
    )
    op.create_table(
        "funding",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=True),
        sa.Column("source_id", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.Column("original", sa.JSON(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("service_id", sa.Uuid(), nullable=True),
        sa.Column("source_of_funds", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_funding_organization_id_organization"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_funding_service_id_service")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funding")),
    )
    with op.batch_alter_table("funding", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_funding_organization_id"), ["organization_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_funding_service_id"), ["service_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_funding_source"), ["source"], unique=False)

    op.create_table(
        "url",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=True),
        sa.Column("source_id", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.Column("original", sa.JSON(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("label", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("url", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("service_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("url <> ''", name=op.f("ck_url_url_not_empty")),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_url_organization_id_organization"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_url_service_id_service")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_url")),
    )
    with op.batch_alter_table("url", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_url_organization_id"), ["organization_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_url_service_id"), ["service_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_url_source"), ["source"], unique=False)

    op.create_table(
        "verification_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("email", sqlmodel.sql.sqltypes.AutoString(length=254), nullable=False),
        sa.Column("token_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("reminded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("answered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("closed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("undelivered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "expires_at > asked_at", name=op.f("ck_verification_request_expires_after_asking")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_verification_request_service_id_service")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification_request")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_verification_request_token_hash")),
    )
    with op.batch_alter_table("verification_request", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_verification_request_service_id"), ["service_id"], unique=False
        )
        batch_op.create_index(
            "uq_verification_request_live",
            ["service_id"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.create_table(
        "openings_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_at_location_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("label", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("revoked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("last_used_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_openings_link_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["service_at_location_id"],
            ["service_at_location.id"],
            name=op.f("fk_openings_link_service_at_location_id_service_at_location"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_openings_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_openings_link_token_hash")),
    )
    with op.batch_alter_table("openings_link", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_openings_link_service_at_location_id"),
            ["service_at_location_id"],
            unique=False,
        )

    op.create_table(
        "suggestion",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("service_at_location_id", sa.Uuid(), nullable=True),
        sa.Column("field_name", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("words", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "accepted",
                "declined",
                name="suggestionstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("decided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("answer", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_suggestion_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["service_at_location_id"],
            ["service_at_location.id"],
            name=op.f("fk_suggestion_service_at_location_id_service_at_location"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_suggestion_service_id_service")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestion")),
    )
    with op.batch_alter_table("suggestion", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_suggestion_service_id"), ["service_id"], unique=False)
        batch_op.create_index("ix_suggestion_state", ["state", "created_at"], unique=False)

    op.create_table(
        "verification",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("service_at_location_id", sa.Uuid(), nullable=True),
        sa.Column(
            "field",
            sa.Enum(
                "hours",
                "phone",
                "address",
                "eligibility",
                "documents",
                "cost",
                "openings",
                name="vitalfield",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "method",
            sa.Enum(
                "staff",
                "phone",
                "email",
                "link",
                "visit",
                "website",
                "source",
                name="verificationmethod",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("changed", sa.Boolean(), nullable=False),
        sa.Column("verified_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("said_by", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_verification_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["service_at_location_id"],
            ["service_at_location.id"],
            name=op.f("fk_verification_service_at_location_id_service_at_location"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_verification_service_id_service")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification")),
    )
    with op.batch_alter_table("verification", schema=None) as batch_op:
        batch_op.create_index(
            "ix_verification_newest", ["service_id", "field", "verified_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_verification_service_at_location_id"),
            ["service_at_location_id"],
            unique=False,
        )

    with op.batch_alter_table("accessibility", schema=None) as batch_op:
        batch_op.add_column(sa.Column("original", sa.JSON(), nullable=True))

    with op.batch_alter_table("address", schema=None) as batch_op:
        batch_op.add_column(sa.Column("original", sa.JSON(), nullable=True))

    for column in ("link_type", "value"):
        op.execute(f"UPDATE attribute SET {column} = '' WHERE {column} IS NULL")
    with op.batch_alter_table("attribute", schema=None) as batch_op:
        batch_op.add_column(sa.Column("original", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("label", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        for column in ("link_type", "value"):
            batch_op.alter_column(
                column,
                existing_type=sqlmodel.sql.sqltypes.AutoString(),
                nullable=False,
                server_default="",
            )
        batch_op.drop_constraint(
            batch_op.f("uq_attribute_link_id_taxonomy_term_id"), type_="unique"
        )
        batch_op.create_unique_constraint(
            batch_op.f("uq_attribute_said"), ["link_id", "taxonomy_term_id", "link_type", "value"]
        )

    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.add_column(sa.Column("original", sa.JSON(), nullable=True))

    with op.batch_alter_table("cost_option", schema=None) as batch_op:
        batch_op.add_column(sa.Column("original", sa.JSON(), nullable=True))

    with op.batch_alter_table("language", schema=None) as batch_op:
        batch_op.add_column(sa.Column("original", sa.JSON(), nullable=True))

    with op.batch_alter_table("location", schema=None) as batch_op:
        batch_op.add_column(sa.Column("original", sa.JSON(), nullable=True))
        batch_op.add_column(
            sa.Column("external_identifier", sqlmodel.sql.sqltypes.AutoString(), nullable=True)
        )
        batch_op.add_column(
            sa.Column("external_identifier_type", sqlmodel.sql.sqltypes.AutoString(), nullable=True)
        )
        batch_op.add_column(sa.Column("merged_into_id", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_location_merged_into_id_location"),
            "location",
            ["merged_into_id"],
            ["id"],
        )

    with op.batch_alter_table("organization", schema=None) as batch_op:
        batch_op.add_column(sa.Column("original", sa.JSON(), nullable=True))
        batch_op.add_column(
            sa.Column("tax_status", sqlmodel.sql.sqltypes.AutoString(), nullable=True)
        )
        batch_op.add_column(sa.Column("tax_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.add_column(sa.Column("logo", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.add_column(sa.Column("uri", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.add_column(sa.Column("merged_into_id", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_organization_merged_into_id_organization"),
            "organization",
            ["merged_into_id"],
            ["id"],
        )

    with op.batch_alter_table("phone", schema=None) as batch_op:
        batch_op.add_column(sa.Column("original", sa.JSON(), nullable=True))

    with op.batch_alter_table("program", schema=None) as batch_op:
        batch_op.add_column(sa.Column("original", sa.JSON(), nullable=True))

    with op.batch_alter_table("required_document", schema=None) as batch_op:
        batch_op.add_column(sa.Column("original", sa.JSON(), nullable=True))

    with op.batch_alter_table("schedule", schema=None) as batch_op:
        batch_op.add_column(sa.Column("original", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("timezone", sa.Float(), nullable=True))
        batch_op.add_column(
            sa.Column("wkst", sqlmodel.sql.sqltypes.AutoString(length=2), nullable=True)
        )
        batch_op.add_column(
            sa.Column("byweekno", sqlmodel.sql.sqltypes.AutoString(), nullable=True)
        )
        batch_op.add_column(
            sa.Column("byyearday", sqlmodel.sql.sqltypes.AutoString(), nullable=True)
        )

    with op.batch_alter_table("service", schema=None) as batch_op:
        batch_op.add_column(sa.Column("original", sa.JSON(), nullable=True))
        batch_op.add_column(
            sa.Column(
                "sensitivity",
                sa.Enum(
                    "ETH",
                    "PSY",
                    "SDV",
                    "HIV",
                    "MINOR",
                    name="sensitivity",
                    native_enum=False,
                    create_constraint=True,
                    length=32,
                ),
                nullable=True,
            )
        )
        batch_op.add_column(sa.Column("eligibility_rule", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("merged_into_id", sa.Uuid(), nullable=True))
        batch_op.create_index("ix_service_last_modified", ["last_modified", "id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_service_merged_into_id_service"), "service", ["merged_into_id"], ["id"]
        )

    with op.batch_alter_table("service_area", schema=None) as batch_op:
        batch_op.add_column(sa.Column("original", sa.JSON(), nullable=True))

    with op.batch_alter_table("service_at_location", schema=None) as batch_op:
        batch_op.add_column(sa.Column("original", sa.JSON(), nullable=True))

    with op.batch_alter_table("service_capacity", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=True)
        )
        batch_op.add_column(
            sa.Column("source_id", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True)
        )
        batch_op.add_column(sa.Column("original", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(
            sa.Column(
                "population",
                sqlmodel.sql.sqltypes.AutoString(length=120),
                nullable=False,
                server_default="",
            )
        )
        batch_op.add_column(sa.Column("undoes_id", sa.Uuid(), nullable=True))
        batch_op.alter_column("service_at_location_id", existing_type=sa.Uuid(), nullable=True)
        batch_op.create_index(batch_op.f("ix_service_capacity_source"), ["source"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_service_capacity_undoes_id_service_capacity"),
            "service_capacity",
            ["undoes_id"],
            ["id"],
        )

    with op.batch_alter_table("taxonomy", schema=None) as batch_op:
        batch_op.add_column(sa.Column("original", sa.JSON(), nullable=True))

    with op.batch_alter_table("taxonomy_term", schema=None) as batch_op:
        batch_op.add_column(sa.Column("original", sa.JSON(), nullable=True))
        batch_op.add_column(
            sa.Column("taxonomy", sqlmodel.sql.sqltypes.AutoString(), nullable=True)
        )
        batch_op.add_column(
            sa.Column("language", sqlmodel.sql.sqltypes.AutoString(), nullable=True)
        )

    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=True)
        )
        batch_op.add_column(
            sa.Column("source_id", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True)
        )
        batch_op.add_column(sa.Column("original", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        batch_op.create_index(batch_op.f("ix_unit_source"), ["source"], unique=False)

    # ### end Alembic commands ###
    _take_statuses(AFTER)
    _tell_undone_and_linked_reports()
    _let_search_rows_hold_several_reports()
    _let_search_rows_tell_their_truth()


def downgrade() -> None:
    _let_search_rows_forget_their_truth()
    _let_search_rows_hold_one_report()
    _forget_undone_and_linked_reports()
    _take_statuses(BEFORE)
    # ### commands auto generated by Alembic - please adjust! ###
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_unit_source"))
        batch_op.drop_column("version")
        batch_op.drop_column("original")
        batch_op.drop_column("source_id")
        batch_op.drop_column("source")

    with op.batch_alter_table("taxonomy_term", schema=None) as batch_op:
        batch_op.drop_column("language")
        batch_op.drop_column("taxonomy")
        batch_op.drop_column("original")

    with op.batch_alter_table("taxonomy", schema=None) as batch_op:
        batch_op.drop_column("original")

    with op.batch_alter_table("service_capacity", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_service_capacity_undoes_id_service_capacity"), type_="foreignkey"
        )
        batch_op.drop_index(batch_op.f("ix_service_capacity_source"))
        batch_op.alter_column("service_at_location_id", existing_type=sa.Uuid(), nullable=False)
        batch_op.drop_column("undoes_id")
        batch_op.drop_column("population")
        batch_op.drop_column("version")
        batch_op.drop_column("original")
        batch_op.drop_column("source_id")
        batch_op.drop_column("source")

    with op.batch_alter_table("service_at_location", schema=None) as batch_op:
        batch_op.drop_column("original")

    with op.batch_alter_table("service_area", schema=None) as batch_op:
        batch_op.drop_column("original")

    with op.batch_alter_table("service", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_service_merged_into_id_service"), type_="foreignkey"
        )
        batch_op.drop_index("ix_service_last_modified")
        batch_op.drop_column("merged_into_id")
        batch_op.drop_column("eligibility_rule")
        batch_op.drop_constraint(batch_op.f("ck_service_sensitivity"), type_="check")
        batch_op.drop_column("sensitivity")
        batch_op.drop_column("original")

    with op.batch_alter_table("schedule", schema=None) as batch_op:
        batch_op.drop_column("byyearday")
        batch_op.drop_column("byweekno")
        batch_op.drop_column("wkst")
        batch_op.drop_column("timezone")
        batch_op.drop_column("original")

    with op.batch_alter_table("required_document", schema=None) as batch_op:
        batch_op.drop_column("original")

    with op.batch_alter_table("program", schema=None) as batch_op:
        batch_op.drop_column("original")

    with op.batch_alter_table("phone", schema=None) as batch_op:
        batch_op.drop_column("original")

    with op.batch_alter_table("organization", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_organization_merged_into_id_organization"), type_="foreignkey"
        )
        batch_op.drop_column("merged_into_id")
        batch_op.drop_column("uri")
        batch_op.drop_column("logo")
        batch_op.drop_column("tax_id")
        batch_op.drop_column("tax_status")
        batch_op.drop_column("original")

    with op.batch_alter_table("location", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_location_merged_into_id_location"), type_="foreignkey"
        )
        batch_op.drop_column("merged_into_id")
        batch_op.drop_column("external_identifier_type")
        batch_op.drop_column("external_identifier")
        batch_op.drop_column("original")

    with op.batch_alter_table("language", schema=None) as batch_op:
        batch_op.drop_column("original")

    with op.batch_alter_table("cost_option", schema=None) as batch_op:
        batch_op.drop_column("original")

    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.drop_column("original")

    with op.batch_alter_table("attribute", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_attribute_said"), type_="unique")
        for column in ("link_type", "value"):
            batch_op.alter_column(
                column,
                existing_type=sqlmodel.sql.sqltypes.AutoString(),
                nullable=True,
                server_default=None,
            )
        batch_op.create_unique_constraint(
            batch_op.f("uq_attribute_link_id_taxonomy_term_id"), ["link_id", "taxonomy_term_id"]
        )
        batch_op.drop_column("label")
        batch_op.drop_column("original")

    with op.batch_alter_table("address", schema=None) as batch_op:
        batch_op.drop_column("original")

    with op.batch_alter_table("accessibility", schema=None) as batch_op:
        batch_op.drop_column("original")

    with op.batch_alter_table("verification", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_verification_service_at_location_id"))
        batch_op.drop_index("ix_verification_newest")

    op.drop_table("verification")
    with op.batch_alter_table("suggestion", schema=None) as batch_op:
        batch_op.drop_index("ix_suggestion_state")
        batch_op.drop_index(batch_op.f("ix_suggestion_service_id"))

    op.drop_table("suggestion")
    with op.batch_alter_table("openings_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_openings_link_service_at_location_id"))

    op.drop_table("openings_link")
    with op.batch_alter_table("verification_request", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_verification_request_live",
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_verification_request_service_id"))

    op.drop_table("verification_request")
    with op.batch_alter_table("url", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_url_source"))
        batch_op.drop_index(batch_op.f("ix_url_service_id"))
        batch_op.drop_index(batch_op.f("ix_url_organization_id"))

    op.drop_table("url")
    with op.batch_alter_table("funding", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_funding_source"))
        batch_op.drop_index(batch_op.f("ix_funding_service_id"))
        batch_op.drop_index(batch_op.f("ix_funding_organization_id"))

    op.drop_table("funding")
    op.drop_table("taxonomy_term_synonym")
    with op.batch_alter_table("taxonomy_term_mapping", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_taxonomy_term_mapping_need_id"))

    op.drop_table("taxonomy_term_mapping")
    with op.batch_alter_table("record_merge", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_record_merge_merged_id"))
        batch_op.drop_index(batch_op.f("ix_record_merge_kept_id"))

    op.drop_table("record_merge")
    with op.batch_alter_table("place_review", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_place_review_decided_at"))

    op.drop_table("place_review")
    with op.batch_alter_table("metadata", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_metadata_source"))
        batch_op.drop_index("ix_metadata_resource")
        batch_op.drop_index(batch_op.f("ix_metadata_organization_id"))
        batch_op.drop_index("ix_metadata_change_id")

    op.drop_table("metadata")
    with op.batch_alter_table("organization_identifier", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organization_identifier_source"))
        batch_op.drop_index(batch_op.f("ix_organization_identifier_organization_id"))

    op.drop_table("organization_identifier")
    with op.batch_alter_table("outgoing_message", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_outgoing_message_due",
            sqlite_where=sa.text("sent_at IS NULL AND failed_at IS NULL"),
            postgresql_where=sa.text("sent_at IS NULL AND failed_at IS NULL"),
        )

    op.drop_table("outgoing_message")
    with op.batch_alter_table("meta_table_description", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meta_table_description_source"))

    op.drop_table("meta_table_description")
    with op.batch_alter_table("import_run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_run_source"))
        batch_op.drop_index("ix_import_run_newest")

    op.drop_table("import_run")
    # ### end Alembic commands ###
