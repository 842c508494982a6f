"""Handing e-mails to a mail server (RFC 5321), with the standard library's SMTP.

Nothing about a message is logged but that it was sent or not, and the server's number for why:
not whom it is for, not what it says, and not the server's own words, which repeat addresses.
"""

import smtplib
import ssl
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

import structlog

from api.clock import Clock
from api.settings import MailServer, Settings, read_mail_server
from directory.commands.outbox import Message, claim_message, mark_not_sent, mark_sent
from directory.database import Database

logger = structlog.get_logger(__name__)

#: How long one step of the conversation with a server may take. A claim lasts far longer.
TIMEOUT_SECONDS = 20.0

#: How many messages are sent in one go at most.
MOST_AT_ONCE = 50

#: The first number from which a server says that trying again is of no use (RFC 5321, 4.2.1).
PERMANENT = 500


class NotSentError(Exception):
    """A message was not taken. ``forever``: it will not be at any other time either."""

    def __init__(self, *, code: int | None, forever: bool, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.forever = forever
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Post:
    """A way to send e-mails: the server, and whom they come from."""

    server: MailServer
    sender: str
    timeout: float = TIMEOUT_SECONDS

    def send(self, message: Message, *, now: datetime) -> None:
        """Hand one message in. Raises ``NotSentError``."""
        written = write_message(message, sender=self.sender, now=now)
        try:
            connection = self._connect()
            with closing(connection):
                connection.send_message(written, self.sender, [message.recipient])
                _say_goodbye(connection)
        except smtplib.SMTPRecipientsRefused as error:
            code = max((code for code, _ in error.recipients.values()), default=None)
            raise _not_sent(error, code, about_message=True) from None
        except smtplib.SMTPDataError as error:
            raise _not_sent(error, error.smtp_code, about_message=True) from None
        except smtplib.SMTPResponseException as error:  # of the greeting, the password, the sender
            raise _not_sent(error, error.smtp_code, about_message=False) from None
        except (smtplib.SMTPException, OSError) as error:
            raise _not_sent(error, None, about_message=False) from None

    def _connect(self) -> smtplib.SMTP:
        """Connect, encrypt, and sign in. A certificate that does not hold is refused."""
        server, context = self.server, ssl.create_default_context()
        connection: smtplib.SMTP
        if server.wrapped:
            connection = smtplib.SMTP_SSL(
                server.host, server.port, timeout=self.timeout, context=context
            )
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=self.timeout)
        try:
            if server.starttls:
                connection.starttls(context=context)
            if server.user:
                connection.login(server.user, server.password)
        except BaseException:
            connection.close()
            raise
        return connection


def _say_goodbye(connection: smtplib.SMTP) -> None:
    """End the conversation. The message was taken: what goes wrong now does not unsend it."""
    with suppress(smtplib.SMTPException, OSError):
        connection.quit()


def _not_sent(error: Exception, code: int | None, *, about_message: bool) -> NotSentError:
    """Tell a refusal of this message from trouble that any message would have had."""
    forever = about_message and code is not None and code >= PERMANENT
    return NotSentError(code=code, forever=forever, reason=type(error).__name__)


def write_message(message: Message, *, sender: str, now: datetime) -> EmailMessage:
    """Write a plain text e-mail that says that nobody typed it (RFC 3834).

    Its Message-ID is the message's own, so that one that is sent twice can be told.
    """
    written = EmailMessage()
    written["From"] = sender
    written["To"] = message.recipient
    written["Subject"] = message.subject
    written["Date"] = format_datetime(now)
    written["Message-ID"] = f"<{message.id}@{sender.rpartition('@')[2]}>"
    written["Auto-Submitted"] = "auto-generated"
    written.set_content(message.body)
    return written


def post_of(settings: Settings) -> Post | None:
    """Return the way to send e-mails, or None where no server is set."""
    if not settings.smtp_url:
        return None
    return Post(read_mail_server(settings.smtp_url), settings.mail_from)


def send_messages(database: Database, post: Post, clock: Clock) -> int:
    """Send what is due; return how many messages a server took.

    Each is claimed, sent and marked by itself, and sent outside of any transaction: a server
    that takes its time keeps nobody from the database.
    """
    sent = 0
    for _ in range(MOST_AT_ONCE):
        with database.transaction() as session:
            message = claim_message(session, now=clock())
        if message is None:
            break
        sent += _send(database, post, message, clock)
    return sent


def _send(database: Database, post: Post, message: Message, clock: Clock) -> bool:
    try:
        post.send(message, now=clock())
    except NotSentError as error:
        logger.warning(
            "mail_not_sent", reason=error.reason, code=error.code, attempt=message.attempt
        )
        with database.transaction() as session:
            mark_not_sent(session, message, forever=error.forever, now=clock())
        return False
    with database.transaction() as session:
        mark_sent(session, message, now=clock())
    return True
