"""Makes tokens that nobody but the server should be able to make, with its own key or with others."""

import base64
import hashlib
import hmac
import json
import random
import string

import jwt
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import load_der_private_key


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def segment(document):
    return encode(document if isinstance(document, bytes) else json.dumps(document).encode())


def parts(token):
    """Header and claims, unverified."""
    header, claims, _ = token.split(".")
    return json.loads(decode(header)), json.loads(decode(claims))


def sign_es256(key, header, claims):
    message = f"{segment(header)}.{segment(claims)}"
    r, s = decode_dss_signature(key.sign(message.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{message}.{encode(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def sign_hs256(secret, header, claims):
    message = f"{segment(header)}.{segment(claims)}"
    return f"{message}.{encode(hmac.digest(secret, message.encode(), hashlib.sha256))}"


def public_key(server):
    """The key set's only key, as its JWK and as PyJWT reads it."""
    [jwk] = server.client().get("/.well-known/jwks.json").json()["keys"]
    return jwk, jwt.PyJWK(jwk).key


def private_key(server):
    """The server's own signing key, by the master key as an operator with both could."""
    master = base64.b64decode((server.data / "master.key").read_text())
    [(kid, wrapped)] = server.database.rows("SELECT kid, private_key FROM signing_keys")
    key = HKDF(hashes.SHA256(), 32, b"", b"gapura/master-key/wrap/1").derive(master)
    header, nonce, sealed = wrapped[:9], wrapped[9:21], wrapped[21:]
    context = f"signing_keys/{kid}/private_key".encode()
    return load_der_private_key(AESGCM(key).decrypt(nonce, sealed, header + context), None)


def random_key():
    """Of the form of an API key; its checksum is right once in billions."""
    digits = string.digits + string.ascii_letters
    return f"gpk_{''.join(random.choices(digits, k=10))}_{''.join(random.choices(digits, k=38))}"


def misspelt(key):
    """Wrong in its last character."""
    return key[:-1] + ("y" if key.endswith("x") else "x")
