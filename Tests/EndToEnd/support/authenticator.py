"""An authenticator of passkeys, in software: what it answers can be made wrong in every place.

    authenticator = Authenticator(ES256)
    credential = authenticator.create(options, origin)
    credential = authenticator.get(options, origin)

Options and answers are the JSON of WebAuthn 3: `PublicKeyCredentialCreationOptionsJSON` and its like.
"""

import base64
import hashlib
import json
import os

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

ES256, EDDSA, RS256 = -7, -8, -257

# Of the authenticator data (WebAuthn 3 § 6.1).
UP, UV, BE, BS, AT, ED = 0x01, 0x04, 0x08, 0x10, 0x40, 0x80


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def cbor(value):
    """RFC 8949, as CTAP has it: whole numbers, bytes, text, lists, maps in the order of the dictionary."""
    match value:
        case bool():
            return b"\xf5" if value else b"\xf4"
        case int():
            return head(0, value) if value >= 0 else head(1, -1 - value)
        case bytes():
            return head(2, len(value)) + value
        case str():
            return head(3, len(value.encode())) + value.encode()
        case list():
            return head(4, len(value)) + b"".join(map(cbor, value))
        case dict():
            return head(5, len(value)) + b"".join(cbor(key) + cbor(item) for key, item in value.items())
    raise TypeError(type(value))


def head(major, number):
    if number < 24:
        return bytes([major << 5 | number])
    size = 1 if number < 1 << 8 else 2 if number < 1 << 16 else 4
    return bytes([major << 5 | {1: 24, 2: 25, 4: 26}[size]]) + number.to_bytes(size, "big")


class Authenticator:
    """One credential. `synced` keys are backed up; others stay on their device. `counts` says by how much each use
    raises the count; a synced key has none."""

    def __init__(self, algorithm=ES256, synced=False, counts=1, key_bits=2048, aaguid=bytes(16)):
        self.algorithm, self.synced, self.counts, self.aaguid = algorithm, synced, counts, aaguid
        self.count = 0
        self.id = os.urandom(32)
        self.user_handle = None
        if algorithm == ES256:
            self.key = ec.generate_private_key(ec.SECP256R1())
        elif algorithm == EDDSA:
            self.key = ed25519.Ed25519PrivateKey.generate()
        else:
            self.key = rsa.generate_private_key(65537, key_bits)

    def create(self, options, origin, *, client=None, flags=None, key=None, fmt="none", extensions=None, count=None):
        """`client`: members of the client data in the place of the right ones; `flags`, `key` (a COSE key) and `count`
        likewise."""
        self.user_handle = decode(options["user"]["id"])
        client_data = self._client_data("webauthn.create", options["challenge"], origin, client or {})
        credential = self.aaguid + len(self.id).to_bytes(2, "big") + self.id + cbor(key or self.cose())
        data = self._data(options["rp"]["id"], AT, flags, credential, extensions, count)
        statement = {}
        if fmt == "packed":
            statement = {"alg": self.algorithm, "sig": self._sign(data + hashlib.sha256(client_data).digest())}
        return self._credential(
            clientDataJSON=client_data,
            attestationObject=cbor({"fmt": fmt, "attStmt": statement, "authData": data}),
        ) | {"authenticatorAttachment": "platform"}

    def get(self, options, origin, *, client=None, flags=None, extensions=None, count=None, handle="own"):
        """`handle`: the user handle that is answered; None leaves it out."""
        client_data = self._client_data("webauthn.get", options["challenge"], origin, client or {})
        data = self._data(options["rpId"], 0, flags, b"", extensions, count)
        handle = self.user_handle if handle == "own" else handle
        return self._credential(
            clientDataJSON=client_data,
            authenticatorData=data,
            signature=self._sign(data + hashlib.sha256(client_data).digest()),
            **({} if handle is None else {"userHandle": handle}),
        )

    def cose(self):
        public = self.key.public_key()
        if self.algorithm == ES256:
            numbers = public.public_numbers()
            return {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        if self.algorithm == EDDSA:
            return {1: 1, 3: -8, -1: 6, -2: public.public_bytes_raw()}
        numbers = public.public_numbers()
        return {1: 3, 3: -257, -1: numbers.n.to_bytes(public.key_size // 8, "big"), -2: b"\x01\x00\x01"}

    def _client_data(self, kind, challenge, origin, members):
        data = {"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False} | members
        return json.dumps({name: value for name, value in data.items() if value is not None}).encode()

    def _data(self, rp_id, flags, given, credential, extensions, count):
        if count is None:
            self.count += 0 if self.synced else self.counts
            count = self.count
        flags |= UP | UV | (BE | BS if self.synced else 0) | (ED if extensions else 0)
        flags = flags if given is None else given
        extra = cbor(extensions) if extensions else b""
        return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + count.to_bytes(4, "big") + credential + extra

    def _sign(self, message):
        if self.algorithm == ES256:
            return self.key.sign(message, ec.ECDSA(hashes.SHA256()))
        if self.algorithm == EDDSA:
            return self.key.sign(message)
        return self.key.sign(message, padding.PKCS1v15(), hashes.SHA256())

    def _credential(self, **response):
        return {
            "id": encode(self.id),
            "rawId": encode(self.id),
            "type": "public-key",
            "response": {name: encode(value) for name, value in response.items()},
            "clientExtensionResults": {},
        }
