"""A real mail server (aiosmtpd) on a thread, which refuses, delays and drops on request."""

import asyncio
import datetime
import email
import email.policy
import ipaddress
import socket
import ssl
import threading
from collections import defaultdict
from dataclasses import dataclass

from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from support.server import PATIENCE, eventually

OK = "250 OK"

SENDER = "Gapura <no-reply@mail.example.com>"


def to(mail_server, security="none", **variables):
    """The settings of a server that sends its mail there."""
    return {
        "SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(mail_server.port), "SMTP_TLS": security, "MAIL_FROM": SENDER,
    } | variables


@dataclass
class Received:
    """A mail that the server took."""

    sender: str
    recipient: str
    content: bytes
    connection: int
    is_encrypted: bool
    user: str | None
    greeting: str

    @property
    def message(self):
        return email.message_from_bytes(self.content, policy=email.policy.default)

    def part(self, kind):
        return self.message.get_body((kind,)).get_content()


class Gate:
    """Holds the server at one place until the test opens it."""

    def __init__(self, reply=OK):
        self.reached = threading.Event()
        self.opened = threading.Event()
        self.reply = reply

    async def __call__(self, server):
        self.reached.set()
        await asyncio.get_running_loop().run_in_executor(None, self.opened.wait)
        return self.reply

    def wait(self):
        assert self.reached.wait(PATIENCE), "nothing came to the gate"

    def open(self):
        self.opened.set()


async def drop(server):
    """The connection breaks."""
    server.transport.abort()
    return OK


class MailServer:
    """`on_recipient[address]` and `on_data[address]` are what happens there next, one after the other: a reply, or a
    coroutine function that gives one. Without any it takes the mail."""

    def __init__(self, certificate=None, implicit_tls=False, require_starttls=False, users=None, port=None):
        # The mails that were taken, and all that came whole, taken or not.
        self.mails = []
        self.came = []
        self.recipients = []
        self.connections = 0
        self.open_connections_max = 0
        self.on_recipient = defaultdict(list)
        self.on_data = defaultdict(list)
        self.gates = []
        self.options = {"enable_SMTPUTF8": False, "hostname": "mail.test"}
        self.implicit = certificate.server_context() if implicit_tls else None
        if certificate and not implicit_tls:
            self.options |= {"tls_context": certificate.server_context(), "require_starttls": require_starttls}
        if users is not None:
            self.options |= {
                "auth_required": True, "authenticator": self._authenticate, "auth_exclude_mechanism": [],
                "auth_require_tls": certificate is not None and not implicit_tls,
            }
        self.users = users
        self.port = port or free_port()
        self.loop = None
        self.sessions = []

    def start(self):
        owner = self

        class CountedSMTP(SMTP):
            def connection_made(self, transport):
                if self.session is None:
                    owner.connections += 1
                    self.number = owner.connections
                    self.socket = transport.get_extra_info("socket")
                    owner.sessions.append(self)
                    owner.open_connections_max = max(owner.open_connections_max, owner.open_connections)
                super().connection_made(transport)

        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.listener = self._run(self.loop.create_server(
            lambda: CountedSMTP(self, loop=self.loop, **self.options), "127.0.0.1", self.port, ssl=self.implicit))
        return self

    def _run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(PATIENCE)

    @property
    def open_connections(self):
        """By their sockets: a connection whose handshake fails is not told to be lost."""
        return sum(session.socket.fileno() != -1 for session in self.sessions)

    def close_connections(self):
        """As an idle one is closed. Not in TLS's order, in which a server waits for a client that says nothing."""
        for session in self.sessions:
            if session.transport is not None:
                self.loop.call_soon_threadsafe(session.transport.abort)
        eventually(lambda: self.open_connections == 0, "the connections to be closed")

    def stop(self):
        for gate in self.gates:
            gate.open()
        if self.loop is None:
            return
        self.loop.call_soon_threadsafe(self.listener.close)
        self.close_connections()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(PATIENCE)
        self.loop.close()
        self.loop = None
        self.sessions = []

    def gate(self, reply=OK):
        self.gates.append(Gate(reply))
        return self.gates[-1]

    def wait_for(self, recipient, count=1):
        """So many mails to the recipient; returns the last."""
        def there():
            mails = [mail for mail in list(self.mails) if mail.recipient == recipient]
            return mails if len(mails) >= count else None

        return eventually(there, f"mail {count} to {recipient}")[-1]

    def _authenticate(self, server, session, envelope, mechanism, data):
        login, password = data.login.decode(), data.password.decode()
        if self.users.get(login) == password:
            return AuthResult(success=True, auth_data=login)
        return AuthResult(success=False, handled=False)

    async def _next(self, steps, server):
        step = steps.pop(0) if steps else OK
        return step if isinstance(step, str) else await step(server)

    async def handle_RCPT(self, server, session, envelope, address, options):
        self.recipients.append(address)
        reply = await self._next(self.on_recipient[address], server)
        if reply == OK:
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server, session, envelope):
        [recipient] = envelope.rcpt_tos
        received = Received(
            envelope.mail_from, recipient, envelope.content, server.number,
            session.ssl is not None or self.implicit is not None, session.auth_data, session.host_name,
        )
        self.came.append(received)
        reply = await self._next(self.on_data[recipient], server)
        if reply == OK:
            self.mails.append(received)
        return reply


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Certificate:
    """A certificate for a host, and the authority behind it."""

    def __init__(self, folder, host="127.0.0.1"):
        authority_key = ec.generate_private_key(ec.SECP256R1())
        authority = self._sign("Test authority", authority_key, "Test authority", authority_key, None)
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._sign(host, key, "Test authority", authority_key, host)
        self.authority_file = folder / "authority.pem"
        self.authority_file.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
        self.file = folder / "server.pem"
        self.file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
            + certificate.public_bytes(serialization.Encoding.PEM)
        )

    def server_context(self):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.file)
        return context

    @staticmethod
    def _sign(name, key, issuer, issuer_key, host):
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=host is None, path_length=None), critical=True)
        )
        if host is not None:
            try:
                names = [x509.IPAddress(ipaddress.ip_address(host))]
            except ValueError:
                names = [x509.DNSName(host)]
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False).add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        return builder.sign(issuer_key, hashes.SHA256())
