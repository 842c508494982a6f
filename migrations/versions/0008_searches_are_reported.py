"""searches are reported: what of them can be told of a quarter that is over."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ENDINGS = ("found", "farther", "not_found")
REASONS = ("not_eligible", "full", "closed", "language", "cost", "nothing", "other")


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _key(name: str, length: int) -> sa.Column:
    text = sqlmodel.sql.sqltypes.AutoString(length=length)
    return sa.Column(name, text, nullable=False)


def upgrade() -> None:
    """Add the tables of what is reported."""
    op.create_table(
        "search_report",
        _key("quarter", 7),
        _key("need", 80),
        _key("area", 80),
        sa.Column("ending", _one_of("ending", *ENDINGS), nullable=False),
        sa.Column("searches", sa.Integer(), nullable=False),
        sa.CheckConstraint("searches >= 11", name=op.f("ck_search_report_searches_not_few")),
        sa.PrimaryKeyConstraint("quarter", "need", "area", "ending", name=op.f("pk_search_report")),
    )
    op.create_table(
        "search_report_reason",
        _key("quarter", 7),
        _key("need", 80),
        sa.Column("reason", _one_of("reason", *REASONS), nullable=False),
        sa.Column("searches", sa.Integer(), nullable=False),
        sa.CheckConstraint("searches >= 11", name=op.f("ck_search_report_reason_searches_not_few")),
        sa.PrimaryKeyConstraint("quarter", "need", "reason", name=op.f("pk_search_report_reason")),
    )


def downgrade() -> None:
    """Forget the reports."""
    op.drop_table("search_report_reason")
    op.drop_table("search_report")
