"""A server whose signing key a test knows, and signatures over whatever text the test wants."""

import hashlib
import hmac
import json

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from support import forge, raw
from support.client import make_person, sign_in

SECRET = b"a secret for HS256 that has more than thirty-two bytes"


def new_key(algorithm):
    return {
        "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
        "RS256": lambda: rsa.generate_private_key(65537, 2048),
        "EdDSA": ed25519.Ed25519PrivateKey.generate,
        "HS256": lambda: SECRET,
    }[algorithm]()


def variables(algorithm, key, folder):
    """The settings by which a server signs with the key."""
    if algorithm == "HS256":
        return {"ALGORITHM": algorithm, "ACCESS_SECRET_KEY": key.decode()}
    file = folder / f"{algorithm}.pem"
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return {"ALGORITHM": algorithm, "SIGNING_KEY_FILE": str(file)}


def sign(algorithm, key, message):
    if algorithm == "ES256":
        r, s = decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")
    if algorithm == "RS256":
        return key.sign(message, padding.PKCS1v15(), hashes.SHA256())
    if algorithm == "EdDSA":
        return key.sign(message)
    return hmac.digest(key, message, hashlib.sha256)


class Signer:
    def __init__(self, server, algorithm, key):
        self.server = server
        self.algorithm = algorithm
        self.key = key
        self.client = server.client()
        self.person = make_person(server)
        self.honest = sign_in(server, self.person, headers={"X-Token-Delivery": "body"})[1]["access_token"]
        self.header, self.claims = forge.parts(self.honest)
        assert self.header["alg"] == algorithm

    def sign(self, message):
        return sign(self.algorithm, self.key, message)

    def token(self, header=None, claims=None, sign=None):
        """A token of these documents, or of the honest ones, signed by `sign` or rightly."""
        header = forge.segment(self.header if header is None else header)
        claims = forge.segment(self.claims if claims is None else claims)
        return self.of_texts(header, claims, sign)

    def of_texts(self, header, claims, sign=None):
        """A token of two parts as they shall stand in it."""
        message = f"{header}.{claims}"
        return f"{message}.{forge.encode((sign or self.sign)(message.encode()))}"

    def header_text(self, **changes):
        """The header as JSON; a change to `...` leaves the member out."""
        members = {name: value for name, value in (self.header | changes).items() if value is not ...}
        return json.dumps(members).encode()

    def takes(self, token):
        [is_taken] = self.takes_each([token])
        return is_taken

    def takes_each(self, tokens):
        """Whether each is taken. They are sent byte for byte, many at once: thousands are tried."""
        requests = [raw.get("/me", b"Authorization: Bearer " + bytes_of(token) + b"\r\n") for token in tokens]
        statuses = []
        while len(statuses) < len(requests):
            statuses += self._answered(requests[len(statuses) :][:30])
        assert set(statuses) <= {200, 400, 401, 431}, set(statuses)
        return [status == 200 for status in statuses]

    def _answered(self, requests):
        """The statuses of some of them, of the first at least: after what is no HTTP the server ends the connection."""
        statuses = []
        with raw.Connection(self.server) as connection:
            try:
                connection.send(b"".join(requests))
                for _ in requests:
                    statuses.append(connection.read().status)
            except (raw.Closed, ConnectionError):
                assert statuses
        return statuses

    def assert_refuses(self, cases):
        """No token of the cases (name, token) is taken, and the honest one still is."""
        cases = list(cases)
        assert cases
        taken = self.takes_each([token for _, token in cases])
        assert [name for (name, _), is_taken in zip(cases, taken, strict=True) if is_taken] == []
        assert self.takes(self.honest) and self.takes(self.token())


def bytes_of(token):
    return token if isinstance(token, bytes) else token.encode()
