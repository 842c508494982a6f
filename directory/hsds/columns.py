"""Which columns of each table come from a source, and of what kind they are.

Everything else about a record is ours alone (what it was merged into, who typed it), and no
import touches it.
"""

from collections.abc import Mapping
from types import MappingProxyType, NoneType
from typing import Any, Final, get_args

from sqlmodel import SQLModel

from directory.hsds.profile import EXTENSIONS
from directory.hsds.standard import columns_of
from directory.models import (
    contacts,
    history,
    locations,
    openings,
    organizations,
    schedules,
    services,
    taxonomies,
)
from directory.models.sourced import Sourced

#: Our tables, what is referred to before what refers to it.
MODELS: Final[Mapping[str, type[Sourced]]] = MappingProxyType(
    {
        str(model.__tablename__): model
        for model in (
            taxonomies.Taxonomy,
            taxonomies.TaxonomyTerm,
            organizations.Organization,
            organizations.Program,
            locations.Location,
            services.Service,
            services.ServiceAtLocation,
            contacts.Contact,
            contacts.Phone,
            locations.Address,
            schedules.Schedule,
            contacts.Language,
            locations.Accessibility,
            services.ServiceArea,
            services.RequiredDocument,
            services.CostOption,
            organizations.OrganizationIdentifier,
            organizations.Funding,
            organizations.Url,
            openings.Unit,
            openings.ServiceCapacity,
            history.MetaTableDescription,
            taxonomies.Attribute,
            history.Metadata,
        )
    }
)


class Column:
    """A column: the Python type of what it holds, and what stands there for nothing."""

    def __init__(self, model: type[SQLModel], name: str) -> None:
        field = model.model_fields[name]
        kinds = get_args(field.annotation) or (field.annotation,)
        self.name = name
        self.type: Any = next(kind for kind in kinds if kind is not NoneType)
        self.is_nullable = NoneType in kinds
        self.is_required = field.is_required()
        self.default: Any = None if self.is_required else field.get_default()


def _columns(table: str, model: type[SQLModel]) -> Mapping[str, Column]:
    standard = [column for _, column in columns_of(table) if column != "id"]
    ours = [field.name for field in EXTENSIONS.get(table, ())]
    return MappingProxyType(
        {name: Column(model, name) for name in dict.fromkeys([*standard, *ours])}
    )


#: The columns that an import fills, by table.
COLUMNS: Final[Mapping[str, Mapping[str, Column]]] = MappingProxyType(
    {table: _columns(table, model) for table, model in MODELS.items()}
)


_DEFAULTS: Final[Mapping[str, Mapping[str, Any]]] = {
    table: {name: column.default for name, column in columns.items()}
    for table, columns in COLUMNS.items()
}


def whole(table: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values for every column of a table, the default where one is not given."""
    return {**_DEFAULTS[table], **values}
