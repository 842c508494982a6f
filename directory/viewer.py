"""Who is asking. Every question about what may be seen or done starts here."""

from dataclasses import dataclass
from uuid import UUID

from directory.models.accounts import Role


@dataclass(frozen=True, slots=True)
class Viewer:
    """A caller: a staff member, a piece of software with a key, or the public.

    All three are empty for the public; ``account_id`` is empty for software.
    """

    organization_id: UUID | None = None
    role: Role | None = None
    account_id: UUID | None = None
    name: str = ""

    @property
    def is_public(self) -> bool:
        """Whether nobody has signed in."""
        return self.organization_id is None

    def has_role(self, *roles: Role) -> bool:
        """Say whether one of the roles is theirs; an administrator may do what staff may."""
        if self.role is Role.ADMINISTRATOR:
            return bool({Role.ADMINISTRATOR, Role.PUBLISHER, Role.COORDINATOR} & set(roles))
        return self.role in roles


PUBLIC = Viewer()
