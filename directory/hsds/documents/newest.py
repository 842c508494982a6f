"""Selecting from what is added and never changed: reports, verifications, history."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from directory.hsds.known import who_changed
from directory.models import TABLES
from directory.models.verifications import VerificationMethod

_capacities: Final = TABLES["service_capacity"]
_verifications: Final = TABLES["verification"]
_accounts: Final = TABLES["account"]
_organizations: Final = TABLES["organization"]
_metadata: Final = TABLES["metadata"]


def newest_capacities(service_ids: Collection[UUID], now: datetime | None) -> sa.Select[Any]:
    """Select the newest report of each place, unit and population, if it has a number.

    A report without one does not make true again the number that was said before it. With
    ``now``, reports that are over by then are left out: after that we know nothing.
    """
    c = _capacities.c
    nth = sa.func.row_number().over(
        partition_by=(c.service_id, c.service_at_location_id, c.unit_id, c.population),
        order_by=(c.updated.desc(), c.id),
    )
    reports = sa.select(_capacities, nth.label("nth")).where(c.service_id.in_(service_ids))
    numbered = reports.subquery()
    newest = sa.select(numbered).where(numbered.c.nth == 1, numbered.c.available.is_not(None))
    return newest if now is None else newest.where(numbered.c.expires_at > now)


def newest_verifications(service_ids: Collection[UUID]) -> sa.Select[Any]:
    """Select when each field of each listing was last made sure of, and by which organization.

    Who it was is told of no person: ``said_by`` is the organization whose account it was, or
    the directory that it was imported from.
    """
    v = _verifications.c
    nth = sa.func.row_number().over(
        partition_by=(v.service_id, v.service_at_location_id, v.field),
        order_by=(v.verified_at.desc(), v.id),
    )
    from_source = sa.case((v.method == VerificationMethod.SOURCE, v.said_by))
    numbered = (
        sa.select(
            v.id,
            v.service_id,
            v.service_at_location_id,
            v.field,
            v.method,
            v.verified_at,
            sa.func.coalesce(_organizations.c.name, from_source).label("said_by"),
            nth.label("nth"),
        )
        .outerjoin(_accounts, _accounts.c.id == v.account_id)
        .outerjoin(_organizations, _organizations.c.id == _accounts.c.organization_id)
        .where(v.service_id.in_(service_ids))
        .subquery()
    )
    return sa.select(numbered).where(numbered.c.nth == 1).order_by(numbered.c.field)


def history_of(record_ids: Collection[UUID]) -> sa.Select[Any]:
    """Select what was changed in these records.

    Of our own changes it is told which organization made them, not which person; what was
    imported says what its source said.
    """
    columns = (each for each in _metadata.c if each.name != "updated_by")
    return sa.select(*columns, who_changed(_metadata).label("updated_by")).where(
        _metadata.c.resource_id.in_(record_ids)
    )
