"""What the routes of the HSDS API have in common: all may be read by anyone.

They are described by an OpenAPI document of their own (``api.hsds_description``).
"""

from typing import Any, Final

from litestar.status_codes import HTTP_200_OK

from api.authentication import anyone

READ: Final[dict[str, Any]] = {"guards": [anyone], "sync_to_thread": True}
POSTED: Final[dict[str, Any]] = {**READ, "status_code": HTTP_200_OK}
