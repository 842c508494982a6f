"""Sending, against real servers that take, refuse, hang up, dawdle and lie."""

import asyncio
import datetime as dt
import email
import email.policy
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlmodel import select
from structlog.testing import capture_logs

from api.background import ERRANDS, leadership_of, run_errand, send_mail
from api.mail import Post, send_messages
from api.settings import MailServer, Settings, SettingsError, read_mail_server
from directory.commands.outbox import TRY_AGAIN_AFTER, queue_message
from directory.database import Database
from directory.models.messages import OutgoingMessage
from tests.conftest import NOON
from tests.factories import make_offer

SENDER = "openings@network.example"
RIGHT, WRONG = "right pass/word", "wrong"
SECRET = "SECRET-LINK-9931"  # noqa: S105  (a canary)


def clock() -> datetime:
    return NOON


class Office:
    """A post office: takes mail, or answers a step with what a test wants."""

    def __init__(self, *, rcpt: str = "250 ok", data: str = "250 ok") -> None:
        self.rcpt, self.data = rcpt, data
        self.taken: list[Envelope] = []
        self.passwords: list[tuple[bytes, bytes]] = []
        self.over_tls: list[bool] = []

    async def handle_RCPT(  # noqa: N802  (aiosmtpd's name)
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(  # noqa: N802
        self, _server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        self.over_tls.append(session.ssl is not None)
        if self.data.startswith("250"):
            self.taken.append(envelope)
        return self.data

    def authenticate(self, *arguments: Any) -> AuthResult:
        login: LoginPassword = arguments[-1]
        self.passwords.append((login.login, login.password))
        return AuthResult(success=login.password == RIGHT.encode())

    @property
    def messages(self) -> list[EmailMessage]:
        return [
            email.message_from_bytes(each.content, policy=email.policy.default)  # type: ignore[arg-type]
            for each in self.taken
        ]


@contextmanager
def running(office: Office, **options: Any) -> Iterator[MailServer]:
    """Serve on a free port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(office, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield MailServer(
            host="127.0.0.1", port=port, user="", password="", wrapped=False, starttls=False
        )
    finally:
        controller.stop()


def put(database: Database, key: str = "one", **words: str) -> None:
    told = {"recipient": "desk@agency.example", "subject": "Grüße", "body": SECRET, **words}
    with database.transaction() as session:
        queue_message(session, **told, dedupe_key=key, now=NOON)


def only(database: Database) -> OutgoingMessage:
    with database.reading() as session:
        row = session.exec(select(OutgoingMessage)).one()
        session.expunge(row)
        return row


def send(database: Database, server: MailServer, *, now: datetime = NOON) -> int:
    return send_messages(database, Post(server, SENDER, timeout=2), lambda: now)


def test_a_message_arrives_once_and_is_forgotten(database: Database) -> None:
    put(database, body=f"Hello\n\n{SECRET} ñ\n")
    with running(office := Office()) as server:
        assert send(database, server) == 1
        assert send(database, server) == 0

    (written,) = office.messages
    assert (written["To"], written["From"]) == ("desk@agency.example", SENDER)
    assert (written["Subject"], written["Auto-Submitted"]) == ("Grüße", "auto-generated")
    assert written.get_content_type() == "text/plain"
    assert f"{SECRET} ñ" in written.get_content()
    assert written["Date"].datetime == NOON
    assert written["Message-ID"] == f"<{only(database).id}@network.example>"
    row = only(database)
    assert (row.sent_at, row.subject, row.body, row.attempts) == (NOON, "", "", 1)


@pytest.mark.parametrize("step", ["rcpt", "data"])
def test_what_is_refused_for_now_is_tried_again_later(database: Database, step: str) -> None:
    put(database)
    with running(office := Office(**{step: "451 later"})) as server:
        assert send(database, server) == 0
        assert send(database, server) == 0  # not before it is due
        assert only(database).attempts == 1
        office.rcpt = office.data = "250 ok"
        assert send(database, server, now=NOON + TRY_AGAIN_AFTER[0]) == 1

    assert only(database).attempts == 2


@pytest.mark.parametrize("step", ["rcpt", "data"])
def test_what_is_refused_for_good_is_given_up(database: Database, step: str) -> None:
    put(database)
    with running(Office(**{step: "550 nobody here"})) as server:
        assert send(database, server) == 0

    row = only(database)
    assert (row.failed_at, row.sent_at, row.body) == (NOON, None, "")


def test_a_server_that_is_gone_is_tried_again(database: Database) -> None:
    put(database)
    with running(Office()) as server:
        pass

    assert send(database, server) == 0

    assert (only(database).failed_at, only(database).attempts) == (None, 1)


def test_a_refused_password_is_our_mistake_and_not_the_messages(database: Database) -> None:
    put(database)
    office = Office()
    with running(office, authenticator=office.authenticate, auth_require_tls=False) as server:
        assert send(database, replace(server, user="us", password=WRONG)) == 0
        assert only(database).failed_at is None
        later = NOON + timedelta(days=1)
        assert send(database, replace(server, user="us", password=RIGHT), now=later)

    assert (b"us", RIGHT.encode()) in office.passwords


@contextmanager
def talking(speak: Callable[[socket.socket], None]) -> Iterator[MailServer]:
    """A server that says what a test wants it to, to one caller after another."""
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def serve() -> None:
        while not stop.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                speak(connection)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield MailServer(
            host="127.0.0.1",
            port=listener.getsockname()[1],
            user="",
            password="",
            wrapped=False,
            starttls=False,
        )
    finally:
        stop.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(timeout=10)


def test_a_server_that_never_speaks_is_left_and_the_database_is_free_meanwhile(
    database: Database,
) -> None:
    put(database)
    called, leave = threading.Event(), threading.Event()

    def say_nothing(_connection: socket.socket) -> None:
        called.set()
        leave.wait(30)

    with talking(say_nothing) as server, ThreadPoolExecutor(1) as pool:
        sending = pool.submit(send, database, server)
        assert called.wait(30)
        put(database, "two")  # while the server is waited for, others can write
        assert not sending.done()
        assert sending.result(timeout=60) == 0
        leave.set()

    with database.reading() as session:
        rows = session.exec(select(OutgoingMessage)).all()
        assert {row.failed_at for row in rows} == {None}


def test_a_server_that_hangs_up_after_taking_a_message_has_taken_it(database: Database) -> None:
    put(database)

    def take_and_hang_up(connection: socket.socket) -> None:
        connection.sendall(b"220 hello\r\n")
        file = connection.makefile("rb")
        for line in file:
            verb = line[:4].upper()
            if verb == b"QUIT":
                return
            connection.sendall(b"354 go on\r\n" if verb == b"DATA" else b"250 ok\r\n")
            if verb == b"DATA":
                while file.readline() != b".\r\n":
                    pass
                connection.sendall(b"250 taken\r\n")

    with talking(take_and_hang_up) as server:
        assert send(database, server) == 1

    assert only(database).sent_at == NOON


def test_two_workers_send_each_message_once(database: Database) -> None:
    for number in range(12):
        put(database, str(number), recipient=f"desk{number}@agency.example")
    with running(office := Office()) as server, ThreadPoolExecutor(3) as pool:
        sent = [future.result() for future in [pool.submit(send, database, server) for _ in "abc"]]

    assert sum(sent) == 12
    assert sorted(each.rcpt_tos[0] for each in office.taken) == sorted(
        f"desk{number}@agency.example" for number in range(12)
    )


def test_a_worker_that_dies_after_sending_sends_again_under_the_same_id(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At least once: the choice that is written down in the decision."""
    put(database)

    def die(*_: Any, **__: Any) -> None:
        raise SystemExit

    with running(office := Office()) as server:
        with monkeypatch.context() as patched:
            patched.setattr("api.mail.mark_sent", die)
            with pytest.raises(SystemExit):
                send(database, server)
        assert send(database, server) == 0  # its claim still stands
        assert send(database, server, now=NOON + TRY_AGAIN_AFTER[0]) == 1

    first, second = office.messages
    assert first["Message-ID"] == second["Message-ID"]


def test_nothing_of_a_message_is_logged(database: Database) -> None:
    put(database, recipient="canary-7714@agency.example", subject="CANARY-SUBJECT")
    with capture_logs() as logs, running(Office(rcpt="550 canary-7714 is unknown")) as server:
        send(database, server)

    assert [entry["event"] for entry in logs] == ["mail_not_sent"]
    said = repr(logs)
    assert "550" in said
    for canary in ("canary-7714", "CANARY-SUBJECT", SECRET, "unknown"):
        assert canary not in said


# ---------------------------------------------------------------------------------------- TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for this machine that nobody but a test trusts, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.fromisoformat("2025-01-01").replace(tzinfo=dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


def tls_options(certificate: Path, *, wrapped: bool) -> dict[str, Any]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return {"ssl_context": context} if wrapped else {"tls_context": context}


@pytest.mark.filterwarnings("ignore")  # aiosmtpd's own, of a client that leaves a handshake
@pytest.mark.parametrize("wrapped", [True, False], ids=["smtps", "starttls"])
def test_a_server_whose_certificate_does_not_hold_gets_nothing(
    database: Database, certificate: Path, monkeypatch: pytest.MonkeyPatch, *, wrapped: bool
) -> None:
    put(database)
    office = Office()
    with running_tls(office, certificate, wrapped=wrapped) as server:
        by_number = replace(server, wrapped=wrapped, starttls=not wrapped)
        by_name = replace(by_number, host="localhost")
        assert send(database, by_name) == 0  # nobody vouches for it
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        later = NOON + timedelta(days=1)
        assert send(database, by_number, now=later) == 0  # it is not for 127.0.0.1
        assert office.taken == []
        later = NOON + timedelta(days=3)
        assert send(database, by_name, now=later) == 1

    assert len(office.taken) == 1
    assert office.over_tls == [not wrapped]  # aiosmtpd knows only of what STARTTLS began


@contextmanager
def running_tls(office: Office, certificate: Path, *, wrapped: bool) -> Iterator[MailServer]:
    """Serve with TLS; an own loop, because a controller knocks without a certificate check."""
    options = tls_options(certificate, wrapped=wrapped)
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda _loop, _context: None)  # of handshakes that were refused
    wrap = options.pop("ssl_context", None)

    async def start() -> asyncio.Server:
        return await loop.create_server(
            lambda: SMTP(office, loop=loop, **options), "127.0.0.1", 0, ssl=wrap
        )

    listening = loop.run_until_complete(start())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield MailServer(
            host="127.0.0.1",
            port=listening.sockets[0].getsockname()[1],
            user="",
            password="",
            wrapped=False,
            starttls=False,
        )
    finally:
        listening.close()
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=10)
        loop.close()


def test_a_server_that_will_not_encrypt_gets_nothing(database: Database) -> None:
    put(database)
    with running(office := Office()) as server:
        assert send(database, replace(server, starttls=True)) == 0

    assert office.taken == []
    assert only(database).failed_at is None


# ----------------------------------------------------------------------------------- settings


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example.org", ("mail.example.org", 587, "", "", False, True)),
        ("smtps://u:p@mail.example.org", ("mail.example.org", 465, "u", "p", True, False)),
        (
            "smtp://us%40x:p%2Fw@mail.example.org:2525?starttls=required",
            ("mail.example.org", 2525, "us@x", "p/w", False, True),
        ),
        ("smtp://relay.internal?starttls=off", ("relay.internal", 25, "", "", False, False)),
        ("smtp://127.0.0.1:1025", ("127.0.0.1", 1025, "", "", False, False)),
        ("smtp://u:p@localhost", ("localhost", 25, "u", "p", False, False)),
    ],
)
def test_the_address_of_a_server_is_read(url: str, expected: tuple[Any, ...]) -> None:
    server = read_mail_server(url)

    assert expected == (
        server.host,
        server.port,
        server.user,
        server.password,
        server.wrapped,
        server.starttls,
    )
    assert "password" not in repr(server)


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.org:587",
        "http://mail.example.org",
        "smtp://",
        "smtp://:secret@",
        "smtp://u:secret@mail.example.org:no",
        "smtp://u:secret@mail.example.org:99999",
        "smtp://u:secret@mail.example.org/path",
        "smtp://u:secret@mail.example.org?starttls=off",
        "smtp://u:secret@mail.example.org?starttls=maybe",
        "smtp://u:secret@mail.example.org?tls=yes",
        "smtp://u:secret@mail.example.org?x",
        "smtps://u:secret@mail.example.org?starttls=required",
        "smtp://[u:secret@mail",
    ],
)
def test_a_wrong_address_stops_the_start_without_telling_the_password(url: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings(smtp_url=url, mail_from=SENDER).check()

    assert "OPENINGS_SMTP_URL" in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_server_needs_a_sender_and_a_language_that_we_have() -> None:
    with pytest.raises(SettingsError, match="OPENINGS_MAIL_FROM"):
        Settings(smtp_url="smtp://localhost").check()
    with pytest.raises(SettingsError, match="OPENINGS_MAIL_FROM"):
        Settings(smtp_url="smtp://localhost", mail_from="a@b.example\nBcc: c@d.example").check()
    with pytest.raises(SettingsError, match="OPENINGS_MAIL_LANGUAGE"):
        Settings(mail_language="tlh").check()


# ----------------------------------------------------------------------------------- the worker


def test_the_worker_sends_what_waits(database: Database, settings: Settings) -> None:
    put(database)
    leader = leadership_of(database, settings.data_dir)
    with running(office := Office()) as server:
        url = f"smtp://127.0.0.1:{server.port}"
        told = replace(settings, smtp_url=url, mail_from=SENDER)
        assert run_errand(database, leader, told, clock, "send_mail", send_mail) == 1

    assert len(office.taken) == 1
    leader.release()


def test_without_a_server_everything_waits(database: Database, settings: Settings) -> None:
    put(database)
    with database.transaction() as session:
        make_offer(session, email="desk@agency.example")

    for _, _, errand in ERRANDS:
        assert errand(database, settings, clock) == 0

    assert only(database).attempts == 0  # and nobody was asked
