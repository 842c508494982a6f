"""Bringing a database to the tables of this release."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

ROOT = Path(__file__).parent.parent


def alembic_config(url: str) -> Config:
    """Return Alembic's settings for a database."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["url"] = url
    return config


def migrate(url: str) -> None:
    """Make or update the tables, all or nothing. Does nothing when they are up to date."""
    command.upgrade(alembic_config(url), "head")


def is_up_to_date(engine: sa.Engine) -> bool:
    """Say whether the database has the tables of this release."""
    script = ScriptDirectory.from_config(alembic_config(""))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        return set(context.get_current_heads()) == set(script.get_heads())
