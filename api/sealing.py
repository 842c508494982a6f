"""Text that the database keeps and only this installation can read.

AES-256-GCM under a key derived from the installation's secret. What a text belongs to goes in as
associated data: sealed text that is moved to another row does not open.
"""

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from directory.errors import ConflictError

NONCE_BYTES = 12
KEY_BYTES = 32


class UnreadableError(ConflictError):
    """Something was kept under a secret that this installation no longer has."""

    code = "reply-unreadable"

    def __init__(self) -> None:
        super().__init__(
            "This was done before, and its answer can no longer be read here. Look it up instead."
        )


class Sealer:
    """Seals and opens text for one purpose."""

    def __init__(self, secret: str, purpose: str) -> None:
        derived = HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=purpose.encode())
        self._cipher = AESGCM(derived.derive(secret.encode()))

    def seal(self, text: str, belongs_to: str) -> str:
        """Return the text sealed to what it belongs to."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, text.encode(), belongs_to.encode())
        return base64.b64encode(nonce + sealed).decode()

    def open(self, sealed: str, belongs_to: str) -> str:
        """Return the text again. Raises ``UnreadableError`` under another secret or place."""
        raw = base64.b64decode(sealed)
        try:
            opened = self._cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], belongs_to.encode())
        except InvalidTag:
            raise UnreadableError from None
        return opened.decode()
