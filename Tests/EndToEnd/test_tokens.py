"""Access tokens: PyJWT takes ours, and we take nobody else's."""

import re
import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from support import forge
from support.client import make_person, problem, sign_in
from support.server import PRODUCTION, eventually

# A token is read without the database, but for what is said of its key and its session.
pytestmark = pytest.mark.database_plays_no_part
on_both = pytest.mark.only_on("sqlite", "postgres")


@pytest.fixture
def token(server, person):
    return sign_in(server, person)[1]["access_token"]


@pytest.fixture
def key(server):
    return forge.private_key(server)


def assert_refused(server, token):
    answer = server.client().me(token)
    problem(answer, 401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="gapura", error="invalid_token"'


# What others make of ours


def test_pyjwt_verifies_a_token_by_the_published_keys(server, person, token):
    key = jwt.PyJWKClient(server.url + "/.well-known/jwks.json").get_signing_key_from_jwt(token)
    claims = jwt.decode(
        token,
        key.key,
        algorithms=["ES256"],
        audience=server.url,
        issuer=server.url,
        options={"require": ["iss", "sub", "aud", "iat", "exp", "jti"]},
    )
    uuid7 = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    assert re.fullmatch(uuid7, claims["jti"]) and re.fullmatch(uuid7, claims["sid"])
    assert abs(claims["iat"] - time.time()) < 60
    assert claims == {
        "iss": server.url,
        "sub": person.id,
        "aud": server.url,
        "iat": claims["iat"],
        "exp": claims["iat"] + 900,
        "jti": claims["jti"],
        "sid": claims["sid"],
        "email": person.email,
        "email_verified": True,
        "roles": [],
        "tenant": None,
        "plan": "free",
    }


def test_the_header_names_type_algorithm_and_key_and_nothing_else(server, token):
    header, _ = forge.parts(token)
    jwk, _ = forge.public_key(server)
    assert header == {"alg": "ES256", "typ": "at+jwt", "kid": jwk["kid"]}


def test_the_published_key_has_no_private_part_and_may_be_kept(server):
    jwk, _ = forge.public_key(server)
    assert set(jwk) == {"kty", "crv", "x", "y", "kid", "alg", "use", "key_ops"}
    assert (jwk["kty"], jwk["crv"], jwk["alg"], jwk["use"], jwk["key_ops"]) == (
        "EC",
        "P-256",
        "ES256",
        "sig",
        ["verify"],
    )
    answer = server.client().get("/.well-known/jwks.json")
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert answer.headers["Content-Type"] == "application/json"


@on_both
def test_two_sessions_have_tokens_of_their_own(server, person):
    first, second = (forge.parts(sign_in(server, person)[1]["access_token"])[1] for _ in range(2))
    assert first["jti"] != second["jti"] and first["sid"] != second["sid"] and first["sub"] == second["sub"]


@on_both
def test_the_key_survives_a_restart(start):
    server = start()
    _, tokens = sign_in(server, make_person(server))
    before = forge.public_key(server)[0]
    server.variables["APP_URL"] = server.url
    assert server.stop() == 0
    server.start()
    assert forge.public_key(server)[0] == before
    assert server.client().me(tokens["access_token"]).status_code == 200


@on_both
def test_every_installation_has_a_key_of_its_own(start):
    assert forge.public_key(start())[0]["kid"] != forge.public_key(start())[0]["kid"]


# What we make of others'. Signed with the server's own key, so that one thing only is wrong with each.


def test_a_token_made_with_the_servers_key_is_taken(server, token, key):
    assert server.client().me(forge.sign_es256(key, *forge.parts(token))).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"alg": "none"},
        {"alg": "None"},
        {"alg": "HS256"},
        {"alg": "ES384"},
        {"alg": "RS256"},
        {"alg": "es256"},
        {"alg": None},
        {"alg": ["ES256"]},
        {"alg": ...},
        {"typ": "JWT"},
        {"typ": "jwt"},
        {"typ": "rt+jwt"},
        {"typ": ""},
        {"typ": None},
        {"typ": ...},
        {"typ": 1},
        {"kid": "unknown"},
        {"kid": ""},
        {"kid": "../../dev/null"},
        {"kid": "' OR 1=1 --"},
        {"kid": None},
        {"kid": ...},
        {"kid": 7},
        {"crit": ["exp"]},
        {"crit": ["b64"], "b64": False},
        {"crit": []},
        {"crit": None},
    ],
)
def test_a_wrong_header_is_refused(server, token, key, change):
    header, claims = forge.parts(token)
    header = {name: value for name, value in (header | change).items() if value is not ...}
    assert_refused(server, forge.sign_es256(key, header, claims))


def test_a_key_that_the_token_brings_along_is_not_looked_at(server, token):
    own = ec.generate_private_key(ec.SECP256R1())
    header, claims = forge.parts(token)
    jwk = jwt.algorithms.ECAlgorithm.to_jwk(own.public_key(), as_dict=True)
    for extra in [{"jwk": jwk}, {"jku": "http://127.0.0.1:1/keys"}, {"x5u": "http://127.0.0.1:1/key"}]:
        assert_refused(server, forge.sign_es256(own, header | extra, claims))


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://evil.example"},
        {"iss": ""},
        {"iss": None},
        {"iss": ...},
        {"iss": ["https://evil.example"]},
        {"aud": "https://evil.example"},
        {"aud": []},
        {"aud": None},
        {"aud": ...},
        {"aud": {}},
        {"exp": 0},
        {"exp": 1},
        {"exp": -1},
        {"exp": ...},
        {"exp": None},
        {"exp": "9999999999"},
        {"exp": True},
        {"exp": 1e300 * 0},
        {"iat": 9_999_999_999},
        {"nbf": 9_999_999_999},
        {"nbf": "tomorrow"},
        {"sub": "x"},
        {"sub": ...},
        {"sub": "01890000-0000-7000-8000-000000000000"},
        {"sub": ["x"]},
        {"sid": "x"},
        {"sid": ...},
        {"sid": "01890000-0000-7000-8000-000000000000"},
        {"sid": None},
    ],
)
def test_wrong_claims_are_refused(server, token, key, change):
    header, claims = forge.parts(token)
    claims = {name: value for name, value in (claims | change).items() if value is not ...}
    assert_refused(server, forge.sign_es256(key, header, claims))


@on_both
def test_another_persons_session_is_not_ones_own(server, token, key):
    header, claims = forge.parts(token)
    other = make_person(server)
    assert_refused(server, forge.sign_es256(key, header, claims | {"sub": other.id}))


def test_claims_do_not_make_an_administrator(server, token, key):
    header, claims = forge.parts(token)
    forged = forge.sign_es256(key, header, claims | {"roles": ["admin"]})
    assert server.client().me(forged).json()["is_admin"] is False


def test_a_public_key_is_no_shared_secret(server, token):
    jwk, public = forge.public_key(server)
    header, claims = forge.parts(token)
    point = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    secrets = [
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).rstrip(),
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        point,
        point[1:],
        forge.decode(jwk["x"]),
        jwk["x"].encode(),
        b"",
        jwk["kid"].encode(),
    ]
    for secret in secrets:
        for algorithm in ("HS256", "ES256"):
            assert_refused(server, forge.sign_hs256(secret, header | {"alg": algorithm}, claims))


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", ""])
def test_a_token_without_a_signature_is_refused(server, token, algorithm):
    header, claims = forge.parts(token)
    unsigned = f"{forge.segment(header | {'alg': algorithm})}.{forge.segment(claims)}."
    assert_refused(server, unsigned)
    assert_refused(server, unsigned + "AA")
    assert_refused(server, unsigned + token.split(".")[2])


def test_a_changed_byte_anywhere_is_noticed(server, token):
    client = server.client()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for position, character in enumerate(token):
        if character == ".":
            changed = token[:position] + token[position + 1 :]
        else:
            # The bit that the last character of a part still carries, too.
            changed = token[:position] + alphabet[alphabet.index(character) ^ 32] + token[position + 1 :]
        assert client.me(changed).status_code == 401, (position, character)
    assert client.me(token).status_code == 200


def test_a_signature_of_another_form_is_refused(server, token, key):
    message, signature = token.rsplit(".", 1)
    raw = forge.decode(signature)
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    der = key.sign(message.encode(), ec.ECDSA(forge.hashes.SHA256()))
    for other in [
        b"",
        bytes(64),
        raw + b"\0",
        raw[:-1],
        der,
        raw[32:] + raw[:32],
        order.to_bytes(32, "big") + raw[32:],
        raw[:32] + bytes(32),
        bytes(32) + raw[32:],
        b"\xff" * 64,
        *([(r + order).to_bytes(33, "big")[-32:] + raw[32:]] if r + order < 1 << 256 else []),
        *([raw[:32] + (s + order).to_bytes(33, "big")[-32:]] if s + order < 1 << 256 else []),
    ]:
        assert_refused(server, f"{message}.{forge.encode(other)}")


def test_parts_that_are_not_base64url_or_not_json_are_refused(server, token):
    header, claims, signature = token.split(".")
    for other in [
        "",
        ".",
        "..",
        "...",
        "a",
        "a.b",
        "a.b.c",
        f"{header}.{claims}",
        f"{token}.",
        f".{token}",
        f"{token}.{signature}",
        f"{header}=.{claims}.{signature}",
        f"{header}.{claims}.{signature}=",
        f"{header}.{claims}.{signature}==",
        f"{header}\t.{claims}.{signature}",
        f"{header}.{claims}.{signature} ",
        f"{token} {token}",
        f"{forge.segment(b'[]')}.{claims}.{signature}",
        f"{header}.{forge.segment(b'null')}.{signature}",
        f"{forge.segment(b'{')}.{claims}.{signature}",
        token.replace("-", "+").replace("_", "/") + "+",
        f"{header}.{claims}.{signature}".replace(".", "%2e"),
    ]:
        # Trimming at the end is the header's own, not the token's.
        if other.strip() != token:
            assert server.client().me(other).status_code == 401, other


def test_a_name_that_stands_twice_is_refused(server, token, key):
    header, claims = forge.parts(token)
    twice = forge.json.dumps(claims)[:-1] + f', "sub": "{claims["sub"]}"}}'
    assert_refused(server, forge.sign_es256(key, header, twice.encode()))
    twice = forge.json.dumps(header)[:-1] + ', "alg": "ES256"}'
    assert_refused(server, forge.sign_es256(key, twice.encode(), claims))


def test_an_oversized_token_is_refused(server, token, key):
    header, claims = forge.parts(token)
    assert_refused(server, forge.sign_es256(key, header, claims | {"padding": "x" * 20_000}))
    assert_refused(server, "x" * 20_000)
    assert_refused(server, "." * 20_000)


def test_a_token_ends_with_its_time(start):
    server = start(ACCESS_TOKEN_EXPIRE="2s")
    person = make_person(server)
    browser, tokens = sign_in(server, person)
    assert tokens["expires_in"] == 2
    assert browser.get("/me").status_code == 200
    eventually(lambda: server.client().me(tokens["access_token"]).status_code == 401, "the end of the token")
    assert_refused(server, tokens["access_token"])


def test_a_token_of_another_address_of_the_same_installation_is_refused(start):
    server = start(APP_URL="https://one.example.com")
    _, tokens = sign_in(server, make_person(server))
    assert server.client().me(tokens["access_token"]).status_code == 200
    assert server.stop() == 0
    server.variables["APP_URL"] = "https://two.example.com"
    server.start()
    assert_refused(server, tokens["access_token"])


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer"])
def test_the_scheme_is_read_in_any_case(server, token, scheme):
    assert server.client().get("/me", headers={"Authorization": f"{scheme} {token}"}).status_code == 200


@pytest.mark.parametrize(
    "form", ["{}", "Basic {}", "Bearer{}", "Bearer", "Bearer  ", "Token {}", "Bearer, {}", "Bearer\t{}"]
)
def test_any_other_authorization_is_refused(server, token, form):
    answer = server.client().get("/me", headers={"Authorization": form.format(token)})
    problem(answer, 401, "unauthenticated")


def test_a_refresh_token_is_no_access_token(server, person):
    _, tokens = sign_in(server, person, headers={"X-Token-Delivery": "body"})
    assert_refused(server, tokens["refresh_token"])


@on_both
def test_production_signs_by_the_given_master_key(start):
    server = start(base=PRODUCTION)
    kid = forge.public_key(server)[0]["kid"]
    assert server.stop() == 0
    assert not (server.data / "master.key").exists()
    server.start()
    assert forge.public_key(server)[0]["kid"] == kid
