"""tables of allotments, closures, bundles, offers and ticklers; agreements are signed."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SIGNED_BY_BOTH = (
    "status = 'proposed' OR status = 'ended'"
    " OR (host_signed_at IS NOT NULL AND partner_signed_at IS NOT NULL)"
)

KNOWN_BY_HANDLE_OR_LINK = (
    "(organization_id IS NOT NULL AND client_handle IS NOT NULL) OR manage_token_hash IS NOT NULL"
)

#: What an entry of a waiting list is for, by its kind; service_at_location is the only one so far.
TARGETS = {
    "service": ("service_id",),
    "service_at_location": ("service_at_location_id",),
    "window": ("window_id",),
    "organization": ("host_organization_id",),
    "need": ("need",),
    "date": ("window_id", "event_on"),
}


def target_fits_kind() -> str:
    names = dict.fromkeys(name for needed in TARGETS.values() for name in needed)
    return " OR ".join(
        f"(kind = '{kind}' AND "
        + " AND ".join(f"{name} IS {'NOT ' if name in needed else ''}NULL" for name in names)
        + ")"
        for kind, needed in TARGETS.items()
    )


def upgrade() -> None:
    op.create_table(
        "consortium_member",
        sa.Column("lead_organization_id", sa.Uuid(), nullable=False),
        sa.Column("member_organization_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "invited",
                "active",
                "left",
                name="memberstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("invited_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("changed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "lead_organization_id <> member_organization_id",
            name=op.f("ck_consortium_member_lead_is_not_member"),
        ),
        sa.ForeignKeyConstraint(
            ["lead_organization_id"],
            ["organization.id"],
            name=op.f("fk_consortium_member_lead_organization_id_organization"),
        ),
        sa.ForeignKeyConstraint(
            ["member_organization_id"],
            ["organization.id"],
            name=op.f("fk_consortium_member_member_organization_id_organization"),
        ),
        sa.PrimaryKeyConstraint(
            "lead_organization_id", "member_organization_id", name=op.f("pk_consortium_member")
        ),
    )
    with op.batch_alter_table("consortium_member") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_consortium_member_member_organization_id"),
            ["member_organization_id"],
            unique=False,
        )

    op.create_table(
        "bundle",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("client_handle", sqlmodel.sql.sqltypes.AutoString(length=9), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_bundle_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_bundle_organization_id_organization"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bundle")),
    )
    with op.batch_alter_table("bundle") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_bundle_organization_id"), ["organization_id"], unique=False
        )

    op.create_table(
        "closure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.Column("declared_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("lifted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_closure_dates_in_order")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_closure_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_closure_organization_id_organization"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closure")),
    )
    with op.batch_alter_table("closure") as batch_op:
        batch_op.create_index(
            "ix_closure_organization", ["organization_id", "ends_on"], unique=False
        )

    op.create_table(
        "agreement_change",
        sa.Column("agreement_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "proposed",
                "active",
                "suspended",
                "ended",
                name="agreementstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("step", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_agreement_change_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["agreement_id"],
            ["agreement.id"],
            name=op.f("fk_agreement_change_agreement_id_agreement"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_agreement_change_organization_id_organization"),
        ),
        sa.PrimaryKeyConstraint("agreement_id", "version", name=op.f("pk_agreement_change")),
    )
    op.create_table(
        "allotment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agreement_id", sa.Uuid(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("release_minutes", sa.Integer(), nullable=True),
        sa.CheckConstraint("places BETWEEN 1 AND 500", name=op.f("ck_allotment_places_range")),
        sa.CheckConstraint(
            "release_minutes BETWEEN 0 AND 43200", name=op.f("ck_allotment_release_range")
        ),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreement.id"], name=op.f("fk_allotment_agreement_id_agreement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allotment")),
        sa.UniqueConstraint("id", "places", name="uq_allotment_id_places"),
    )
    with op.batch_alter_table("allotment") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_allotment_agreement_id"), ["agreement_id"], unique=False
        )

    op.create_table(
        "allotment_refusal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("allotment_id", sa.Uuid(), nullable=False),
        sa.Column("week_on", sa.Date(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["allotment_id"],
            ["allotment.id"],
            name=op.f("fk_allotment_refusal_allotment_id_allotment"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_allotment_refusal_organization_id_organization"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allotment_refusal")),
    )
    with op.batch_alter_table("allotment_refusal") as batch_op:
        batch_op.create_index(
            "ix_allotment_refusal_week", ["allotment_id", "week_on"], unique=False
        )

    op.create_table(
        "allotment_service",
        sa.Column("allotment_id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["allotment_id"],
            ["allotment.id"],
            name=op.f("fk_allotment_service_allotment_id_allotment"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_allotment_service_service_id_service")
        ),
        sa.PrimaryKeyConstraint("allotment_id", "service_id", name=op.f("pk_allotment_service")),
    )
    with op.batch_alter_table("allotment_service") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_allotment_service_service_id"), ["service_id"], unique=False
        )

    op.create_table(
        "allotment_window",
        sa.Column("allotment_id", sa.Uuid(), nullable=False),
        sa.Column("window_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["allotment_id"],
            ["allotment.id"],
            name=op.f("fk_allotment_window_allotment_id_allotment"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["window_id"],
            ["availability_window.id"],
            name=op.f("fk_allotment_window_window_id_availability_window"),
        ),
        sa.PrimaryKeyConstraint("allotment_id", "window_id", name=op.f("pk_allotment_window")),
    )
    with op.batch_alter_table("allotment_window") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_allotment_window_window_id"), ["window_id"], unique=False
        )

    op.create_table(
        "window_added_day",
        sa.Column("window_id", sa.Uuid(), nullable=False),
        sa.Column("added_on", sa.Date(), nullable=False),
        sa.Column("opens_at", sa.Time(), nullable=True),
        sa.Column("closes_at", sa.Time(), nullable=True),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.CheckConstraint(
            "(opens_at IS NULL) = (closes_at IS NULL)",
            name=op.f("ck_window_added_day_both_hours_or_none"),
        ),
        sa.ForeignKeyConstraint(
            ["window_id"],
            ["availability_window.id"],
            name=op.f("fk_window_added_day_window_id_availability_window"),
        ),
        sa.PrimaryKeyConstraint("window_id", "added_on", name=op.f("pk_window_added_day")),
    )
    op.create_table(
        "allotment_slot",
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.Column("allotment_id", sa.Uuid(), nullable=False),
        sa.Column("week_on", sa.Date(), nullable=False),
        sa.Column("released_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["allotment_id"],
            ["allotment.id"],
            name=op.f("fk_allotment_slot_allotment_id_allotment"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"],
            ["slot.id"],
            name=op.f("fk_allotment_slot_slot_id_slot"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("slot_id", "allotment_id", name=op.f("pk_allotment_slot")),
    )
    with op.batch_alter_table("allotment_slot") as batch_op:
        batch_op.create_index("ix_allotment_slot_week", ["allotment_id", "week_on"], unique=False)

    op.create_table(
        "waitlist_skip",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["waitlist_entry.id"],
            name=op.f("fk_waitlist_skip_entry_id_waitlist_entry"),
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["slot.id"], name=op.f("fk_waitlist_skip_slot_id_slot")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waitlist_skip")),
        sa.UniqueConstraint(
            "entry_id", "slot_id", "reason", name=op.f("uq_waitlist_skip_entry_id_slot_id_reason")
        ),
    )
    with op.batch_alter_table("waitlist_skip") as batch_op:
        batch_op.create_index(batch_op.f("ix_waitlist_skip_slot_id"), ["slot_id"], unique=False)

    op.create_table(
        "allotment_place",
        sa.Column("allotment_id", sa.Uuid(), nullable=False),
        sa.Column("week_on", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("allotment_places", sa.Integer(), nullable=False),
        sa.Column("hold_id", sa.Uuid(), nullable=True),
        sa.Column("appointment_id", sa.Uuid(), nullable=True),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "(hold_id IS NULL) <> (appointment_id IS NULL)",
            name=op.f("ck_allotment_place_held_or_booked"),
        ),
        sa.CheckConstraint(
            "(hold_id IS NULL) = (expires_at IS NULL)",
            name=op.f("ck_allotment_place_only_holds_expire"),
        ),
        sa.CheckConstraint(
            "number BETWEEN 1 AND allotment_places",
            name=op.f("ck_allotment_place_number_within_places"),
        ),
        sa.ForeignKeyConstraint(
            ["allotment_id", "allotment_places"],
            ["allotment.id", "allotment.places"],
            name="fk_allotment_place_allotment",
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointment.id"],
            name=op.f("fk_allotment_place_appointment_id_appointment"),
        ),
        sa.ForeignKeyConstraint(
            ["hold_id"],
            ["hold.id"],
            name=op.f("fk_allotment_place_hold_id_hold"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "allotment_id", "week_on", "number", name=op.f("pk_allotment_place")
        ),
    )
    with op.batch_alter_table("allotment_place") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_allotment_place_appointment_id"), ["appointment_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_allotment_place_hold_id"), ["hold_id"], unique=False)

    op.create_table(
        "offer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.Column("hold_id", sa.Uuid(), nullable=True),
        sa.Column("appointment_id", sa.Uuid(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "accepted",
                "declined",
                "lapsed",
                "withdrawn",
                name="offerstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("offered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("decided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "(status = 'open') = (decided_at IS NULL)", name=op.f("ck_offer_decided_has_its_time")
        ),
        sa.CheckConstraint("offered_at < expires_at", name=op.f("ck_offer_expires_later")),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_offer_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["waitlist_entry.id"], name=op.f("fk_offer_entry_id_waitlist_entry")
        ),
        sa.ForeignKeyConstraint(
            ["hold_id"], ["hold.id"], name=op.f("fk_offer_hold_id_hold"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_offer_slot_id_slot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
        sa.UniqueConstraint("hold_id", name=op.f("uq_offer_hold_id")),
    )
    with op.batch_alter_table("offer") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_offer_appointment_id"), ["appointment_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_offer_entry_id"), ["entry_id"], unique=False)
        batch_op.create_index("ix_offer_open", ["status", "expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_offer_slot_id"), ["slot_id"], unique=False)
        batch_op.create_index(
            "uq_offer_open_entry",
            ["entry_id"],
            unique=True,
            sqlite_where=sa.text("status = 'open'"),
            postgresql_where=sa.text("status = 'open'"),
        )

    op.create_table(
        "tickler",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "by-hand",
                "documents-due",
                "no-outcome",
                "offer-lapsing",
                "agreement-ending",
                "host-cancelled",
                "host-moved",
                "to-approve",
                name="ticklerkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("about", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=True),
        sa.Column("appointment_id", sa.Uuid(), nullable=True),
        sa.Column("agreement_id", sa.Uuid(), nullable=True),
        sa.Column("offer_id", sa.Uuid(), nullable=True),
        sa.Column("sealed_note", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("done_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("done_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'by-hand') = (sealed_note IS NOT NULL)", name=op.f("ck_tickler_note_by_hand")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_tickler_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreement.id"], name=op.f("fk_tickler_agreement_id_agreement")
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointment.id"],
            name=op.f("fk_tickler_appointment_id_appointment"),
        ),
        sa.ForeignKeyConstraint(
            ["done_by"], ["account.id"], name=op.f("fk_tickler_done_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["account.id"], name=op.f("fk_tickler_made_by_account")
        ),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_tickler_offer_id_offer")),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_tickler_organization_id_organization"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickler")),
        sa.UniqueConstraint("organization_id", "kind", "about", name="uq_tickler_about"),
    )
    with op.batch_alter_table("tickler") as batch_op:
        batch_op.create_index(batch_op.f("ix_tickler_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_tickler_agreement_id"), ["agreement_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_tickler_appointment_id"), ["appointment_id"], unique=False
        )
        batch_op.create_index(
            "ix_tickler_due", ["organization_id", "done_at", "due_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_tickler_offer_id"), ["offer_id"], unique=False)

    with op.batch_alter_table("agreement") as batch_op:
        batch_op.add_column(
            sa.Column("covers_members", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.add_column(
            sa.Column("notice_days", sa.Integer(), server_default="30", nullable=False)
        )
        batch_op.add_column(
            sa.Column("host_signed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True)
        )
        batch_op.add_column(sa.Column("host_signed_by", sa.Uuid(), nullable=True))
        batch_op.add_column(
            sa.Column("partner_signed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True)
        )
        batch_op.add_column(sa.Column("partner_signed_by", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_agreement_host_signed_by_account"), "account", ["host_signed_by"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_agreement_partner_signed_by_account"),
            "account",
            ["partner_signed_by"],
            ["id"],
        )

    op.execute(
        "UPDATE agreement SET host_signed_at = '2000-01-01 00:00:00+00:00',"
        " partner_signed_at = '2000-01-01 00:00:00+00:00' WHERE status <> 'proposed'"
    )
    with op.batch_alter_table("agreement") as batch_op:
        batch_op.create_check_constraint(
            batch_op.f("ck_agreement_notice_range"), "notice_days BETWEEN 0 AND 365"
        )
        batch_op.create_check_constraint(batch_op.f("ck_agreement_signed_by_both"), SIGNED_BY_BOTH)

    with op.batch_alter_table("appointment") as batch_op:
        batch_op.add_column(sa.Column("allotment_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("bundle_id", sa.Uuid(), nullable=True))
        batch_op.add_column(
            sa.Column("decide_by", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True)
        )
        batch_op.add_column(
            sa.Column("outcome", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True)
        )
        batch_op.create_index(
            batch_op.f("ix_appointment_allotment_id"), ["allotment_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_appointment_bundle_id"), ["bundle_id"], unique=False)
        batch_op.create_index(
            "ix_appointment_client", ["organization_id", "client_handle"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_appointment_decide_by"), ["decide_by"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_appointment_bundle_id_bundle"), "bundle", ["bundle_id"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_appointment_allotment_id_allotment"),
            "allotment",
            ["allotment_id"],
            ["id"],
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_appointment_outcome_when_over"),
            "outcome IS NULL OR status IN ('fulfilled', 'noshow')",
        )

    with op.batch_alter_table("appointment_change") as batch_op:
        batch_op.add_column(sa.Column("slot_id", sa.Uuid(), nullable=True))
        batch_op.create_index(
            batch_op.f("ix_appointment_change_slot_id"), ["slot_id"], unique=False
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_appointment_change_slot_id_slot"), "slot", ["slot_id"], ["id"]
        )

    with op.batch_alter_table("hold") as batch_op:
        batch_op.add_column(sa.Column("allotment_id", sa.Uuid(), nullable=True))
        batch_op.create_index(batch_op.f("ix_hold_allotment_id"), ["allotment_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_hold_allotment_id_allotment"), "allotment", ["allotment_id"], ["id"]
        )

    # By itself: on SQLite, the table is not made anew and keeps its triggers.
    op.add_column("slot", sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("waitlist_entry") as batch_op:
        batch_op.add_column(
            sa.Column(
                "kind",
                sa.Enum(
                    "service",
                    "service_at_location",
                    "window",
                    "organization",
                    "need",
                    "date",
                    name="waitlistkind",
                    native_enum=False,
                    create_constraint=True,
                    length=32,
                ),
                server_default="service_at_location",
                nullable=False,
            )
        )
        batch_op.add_column(sa.Column("service_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("window_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("host_organization_id", sa.Uuid(), nullable=True))
        batch_op.add_column(
            sa.Column("need", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=True)
        )
        batch_op.add_column(sa.Column("event_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("near_latitude", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("near_longitude", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("within_km", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("account_id", sa.Uuid(), nullable=True))
        batch_op.add_column(
            sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=9), nullable=True)
        )
        batch_op.add_column(
            sa.Column(
                "manage_token_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True
            )
        )
        batch_op.add_column(sa.Column("places", sa.Integer(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("earliest_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("latest_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("suits", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(
            sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True)
        )
        batch_op.alter_column(
            "service_at_location_id", existing_type=sa.CHAR(length=32), nullable=True
        )
        batch_op.alter_column("client_handle", existing_type=sa.VARCHAR(length=9), nullable=True)
        batch_op.create_index(
            batch_op.f("ix_waitlist_entry_host_organization_id"),
            ["host_organization_id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_waitlist_entry_need"), ["need"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_waitlist_entry_service_id"), ["service_id"], unique=False
        )
        batch_op.create_index(
            "ix_waitlist_entry_waiting", ["status", "priority", "arrived_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_waitlist_entry_window_id"), ["window_id"], unique=False
        )
        batch_op.create_unique_constraint(batch_op.f("uq_waitlist_entry_code"), ["code"])
        batch_op.create_unique_constraint(
            batch_op.f("uq_waitlist_entry_manage_token_hash"), ["manage_token_hash"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_waitlist_entry_host_organization_id_organization"),
            "organization",
            ["host_organization_id"],
            ["id"],
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_waitlist_entry_account_id_account"), "account", ["account_id"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_waitlist_entry_service_id_service"), "service", ["service_id"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_waitlist_entry_window_id_availability_window"),
            "availability_window",
            ["window_id"],
            ["id"],
        )
        batch_op.drop_constraint(batch_op.f("ck_waitlist_entry_waitliststatus"), type_="check")
        batch_op.create_check_constraint(
            batch_op.f("ck_waitlist_entry_waitliststatus"),
            "status IN ('waiting', 'booked', 'left', 'expired')",
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_waitlist_entry_places_range"), "places BETWEEN 1 AND 20"
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_waitlist_entry_dates_in_order"), "latest_on >= earliest_on"
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_waitlist_entry_target_fits_kind"), target_fits_kind()
        )

    op.execute(
        "UPDATE waitlist_entry SET manage_token_hash = 'none ' || id WHERE organization_id IS NULL"
    )
    with op.batch_alter_table("waitlist_entry") as batch_op:
        batch_op.create_check_constraint(
            batch_op.f("ck_waitlist_entry_known_by_handle_or_link"), KNOWN_BY_HANDLE_OR_LINK
        )


def downgrade() -> None:
    op.execute("DELETE FROM waitlist_skip")
    op.execute("DELETE FROM offer")
    op.execute(
        "DELETE FROM waitlist_entry WHERE kind <> 'service_at_location'"
        " OR client_handle IS NULL OR status = 'expired'"
    )
    with op.batch_alter_table("waitlist_entry") as batch_op:
        for name in (
            "known_by_handle_or_link",
            "target_fits_kind",
            "dates_in_order",
            "places_range",
            "waitlistkind",
            "waitliststatus",
        ):
            batch_op.drop_constraint(batch_op.f(f"ck_waitlist_entry_{name}"), type_="check")
        batch_op.create_check_constraint(
            batch_op.f("ck_waitlist_entry_waitliststatus"),
            "status IN ('waiting', 'booked', 'left')",
        )
        batch_op.drop_constraint(
            batch_op.f("fk_waitlist_entry_window_id_availability_window"), type_="foreignkey"
        )
        batch_op.drop_constraint(
            batch_op.f("fk_waitlist_entry_service_id_service"), type_="foreignkey"
        )
        batch_op.drop_constraint(
            batch_op.f("fk_waitlist_entry_account_id_account"), type_="foreignkey"
        )
        batch_op.drop_constraint(
            batch_op.f("fk_waitlist_entry_host_organization_id_organization"), type_="foreignkey"
        )
        batch_op.drop_constraint(batch_op.f("uq_waitlist_entry_manage_token_hash"), type_="unique")
        batch_op.drop_constraint(batch_op.f("uq_waitlist_entry_code"), type_="unique")
        batch_op.drop_index(batch_op.f("ix_waitlist_entry_window_id"))
        batch_op.drop_index("ix_waitlist_entry_waiting")
        batch_op.drop_index(batch_op.f("ix_waitlist_entry_service_id"))
        batch_op.drop_index(batch_op.f("ix_waitlist_entry_need"))
        batch_op.drop_index(batch_op.f("ix_waitlist_entry_host_organization_id"))
        batch_op.alter_column("client_handle", existing_type=sa.VARCHAR(length=9), nullable=False)
        batch_op.alter_column(
            "service_at_location_id", existing_type=sa.CHAR(length=32), nullable=False
        )
        batch_op.drop_column("ended_at")
        batch_op.drop_column("suits")
        batch_op.drop_column("latest_on")
        batch_op.drop_column("earliest_on")
        batch_op.drop_column("places")
        batch_op.drop_column("manage_token_hash")
        batch_op.drop_column("code")
        batch_op.drop_column("account_id")
        batch_op.drop_column("within_km")
        batch_op.drop_column("near_longitude")
        batch_op.drop_column("near_latitude")
        batch_op.drop_column("event_on")
        batch_op.drop_column("need")
        batch_op.drop_column("host_organization_id")
        batch_op.drop_column("window_id")
        batch_op.drop_column("service_id")
        batch_op.drop_column("kind")

    op.drop_column("slot", "withdrawn_at")

    with op.batch_alter_table("hold") as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_hold_allotment_id_allotment"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_hold_allotment_id"))
        batch_op.drop_column("allotment_id")

    with op.batch_alter_table("appointment_change") as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_appointment_change_slot_id_slot"), type_="foreignkey"
        )
        batch_op.drop_index(batch_op.f("ix_appointment_change_slot_id"))
        batch_op.drop_column("slot_id")

    with op.batch_alter_table("appointment") as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_appointment_allotment_id_allotment"), type_="foreignkey"
        )
        batch_op.drop_constraint(batch_op.f("fk_appointment_bundle_id_bundle"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_appointment_decide_by"))
        batch_op.drop_index("ix_appointment_client")
        batch_op.drop_index(batch_op.f("ix_appointment_bundle_id"))
        batch_op.drop_index(batch_op.f("ix_appointment_allotment_id"))
        batch_op.drop_constraint(batch_op.f("ck_appointment_outcome_when_over"), type_="check")
        batch_op.drop_column("outcome")
        batch_op.drop_column("decide_by")
        batch_op.drop_column("bundle_id")
        batch_op.drop_column("allotment_id")

    with op.batch_alter_table("agreement") as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_agreement_partner_signed_by_account"), type_="foreignkey"
        )
        batch_op.drop_constraint(
            batch_op.f("fk_agreement_host_signed_by_account"), type_="foreignkey"
        )
        batch_op.drop_constraint(batch_op.f("ck_agreement_signed_by_both"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_agreement_notice_range"), type_="check")
        batch_op.drop_column("partner_signed_by")
        batch_op.drop_column("partner_signed_at")
        batch_op.drop_column("host_signed_by")
        batch_op.drop_column("host_signed_at")
        batch_op.drop_column("notice_days")
        batch_op.drop_column("covers_members")

    with op.batch_alter_table("tickler") as batch_op:
        batch_op.drop_index(batch_op.f("ix_tickler_offer_id"))
        batch_op.drop_index("ix_tickler_due")
        batch_op.drop_index(batch_op.f("ix_tickler_appointment_id"))
        batch_op.drop_index(batch_op.f("ix_tickler_agreement_id"))
        batch_op.drop_index(batch_op.f("ix_tickler_account_id"))

    op.drop_table("tickler")
    with op.batch_alter_table("offer") as batch_op:
        batch_op.drop_index(
            "uq_offer_open_entry",
            sqlite_where=sa.text("status = 'open'"),
            postgresql_where=sa.text("status = 'open'"),
        )
        batch_op.drop_index(batch_op.f("ix_offer_slot_id"))
        batch_op.drop_index("ix_offer_open")
        batch_op.drop_index(batch_op.f("ix_offer_entry_id"))
        batch_op.drop_index(batch_op.f("ix_offer_appointment_id"))

    op.drop_table("offer")
    with op.batch_alter_table("allotment_place") as batch_op:
        batch_op.drop_index(batch_op.f("ix_allotment_place_hold_id"))
        batch_op.drop_index(batch_op.f("ix_allotment_place_appointment_id"))

    op.drop_table("allotment_place")
    with op.batch_alter_table("waitlist_skip") as batch_op:
        batch_op.drop_index(batch_op.f("ix_waitlist_skip_slot_id"))

    op.drop_table("waitlist_skip")
    with op.batch_alter_table("allotment_slot") as batch_op:
        batch_op.drop_index("ix_allotment_slot_week")

    op.drop_table("allotment_slot")
    op.drop_table("window_added_day")
    with op.batch_alter_table("allotment_window") as batch_op:
        batch_op.drop_index(batch_op.f("ix_allotment_window_window_id"))

    op.drop_table("allotment_window")
    with op.batch_alter_table("allotment_service") as batch_op:
        batch_op.drop_index(batch_op.f("ix_allotment_service_service_id"))

    op.drop_table("allotment_service")
    with op.batch_alter_table("allotment_refusal") as batch_op:
        batch_op.drop_index("ix_allotment_refusal_week")

    op.drop_table("allotment_refusal")
    with op.batch_alter_table("allotment") as batch_op:
        batch_op.drop_index(batch_op.f("ix_allotment_agreement_id"))

    op.drop_table("allotment")
    op.drop_table("agreement_change")
    with op.batch_alter_table("closure") as batch_op:
        batch_op.drop_index("ix_closure_organization")

    op.drop_table("closure")
    with op.batch_alter_table("bundle") as batch_op:
        batch_op.drop_index(batch_op.f("ix_bundle_organization_id"))

    op.drop_table("bundle")
    with op.batch_alter_table("consortium_member") as batch_op:
        batch_op.drop_index(batch_op.f("ix_consortium_member_member_organization_id"))

    op.drop_table("consortium_member")
