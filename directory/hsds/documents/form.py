"""How much of a record a document tells."""

import enum


class Form(enum.Enum):
    """From a line to everything.

    - ``MINIMAL``: what a service is called and when it last changed.
    - ``LISTED``: its own fields, and of what it belongs to theirs, as lists have it.
    - ``FULL``: with all that belongs to it; an organization's services by id and name.
    - ``WITH_SERVICES``: an organization with its services in full.
    """

    MINIMAL = enum.auto()
    LISTED = enum.auto()
    FULL = enum.auto()
    WITH_SERVICES = enum.auto()

    @property
    def nested(self) -> bool:
        """Whether what belongs to a record is told with it."""
        return self in (Form.FULL, Form.WITH_SERVICES)
