"""what search rows know of a service: its rule, its price, its step, whether one must go there.

Rows made before are as if nothing was said until they are made anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the rules, each once, and the columns."""
    op.create_table(
        "search_rule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_rule")),
    )
    with op.batch_alter_table("search_entry") as batch_op:
        batch_op.add_column(sa.Column("rule_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("price_cents", sa.Integer(), nullable=True))
        for name in ("step_free", "remote"):
            batch_op.add_column(
                sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())
            )
        batch_op.create_foreign_key(
            batch_op.f("fk_search_entry_rule_id_search_rule"), "search_rule", ["rule_id"], ["id"]
        )


def downgrade() -> None:
    """Forget them; they can be made anew."""
    with op.batch_alter_table("search_entry") as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_search_entry_rule_id_search_rule"), type_="foreignkey"
        )
        for name in ("remote", "step_free", "price_cents", "rule_id"):
            batch_op.drop_column(name)
    op.drop_table("search_rule")
