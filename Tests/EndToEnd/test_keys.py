"""Signing keys: rotated under load, revoked at once, of every algorithm, checked by clients that others wrote."""

import base64
import json
import threading
import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jwcrypto import jwk as jwcrypto_jwk
from jwcrypto import jwt as jwcrypto_jwt

from support import forge
from support.client import fresh_email, make_person, problem
from support.schedules import stop_for_long
from support.server import eventually, run
from support.store import HOUR, MINUTE, Store

# How keys are kept and changed is tested on both; algorithms and files on one.
pytestmark = pytest.mark.database_plays_no_part
on_both = pytest.mark.only_on("sqlite", "postgres")

ALGORITHMS = ["ES256", "RS256", "EdDSA", "HS256"]
SECRET = "a secret for HS256 that has more than thirty-two bytes"


def pem(algorithm):
    key = {
        "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
        "RS256": lambda: rsa.generate_private_key(65537, 2048),
        "EdDSA": ed25519.Ed25519PrivateKey.generate,
    }[algorithm]()
    return pem_of(key)


def pem_of(key):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def key_set(server):
    return server.client().get("/.well-known/jwks.json").json()["keys"]


def kids(server):
    return [key["kid"] for key in key_set(server)]


def kid_of(token):
    return forge.parts(token)[0]["kid"]


def keys_rotate(server, *options):
    return run("keys", "rotate", *options, folder=server.folder, variables=server.variables)


def app_login(server, person):
    answer = server.client().log_in(person.email, person.password, headers={"X-Token-Delivery": "body"})
    assert answer.status_code == 200, answer.text
    return answer.json()["access_token"], answer.json()["refresh_token"]


def look_again(server):
    """A token of a key that nobody knows makes the server read its keys, at most once a second."""
    header = {"alg": "ES256", "typ": "at+jwt", "kid": f"unknown-{time.monotonic_ns()}"}
    issuer = server.variables.get("APP_URL", server.url)
    claims = {"iss": issuer, "aud": issuer, "sub": "x", "exp": int(time.time()) + 60}
    server.client().me(forge.sign_es256(ec.generate_private_key(ec.SECP256R1()), header, claims))


def an_hour_passes(server):
    """For the keys."""
    Store(server).age("signing_keys", HOUR, "not_before", "retired_at")


def eventually_seen(server, condition, what):
    def look():
        look_again(server)
        return condition()

    return eventually(look, what)


# Rotation


@on_both
def test_a_new_key_is_published_an_hour_before_it_signs(start):
    server = start()
    person = make_person(server)
    [old] = kids(server)
    token, _ = app_login(server, person)

    done = keys_rotate(server, "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["action"] == "published"
    new = result["kid"]
    assert new != old
    rows = dict((kid, (start, end)) for kid, start, end in Store(server).rows(
        "SELECT kid, not_before, retired_at FROM signing_keys"))
    assert rows[new][0] - time.time() * 1_000 > 59 * MINUTE and rows[new][1] is None
    # Whoever still signs with the old one for a moment makes tokens that count to their end.
    assert rows[old][1] - rows[new][0] > 15 * MINUTE + MINUTE / 2

    eventually_seen(server, lambda: set(kids(server)) == {old, new}, "both keys to be published")
    before, _ = app_login(server, person)
    assert kid_of(before) == old
    client = jwt.PyJWKClient(server.url + "/.well-known/jwks.json")
    client.get_signing_keys()

    an_hour_passes(server)
    eventually_seen(server, lambda: kid_of(app_login(server, person)[0]) == new, "the new key to sign")
    after, _ = app_login(server, person)
    for each in (token, before, after):
        assert server.client().me(each).status_code == 200
        key = jwt.PyJWKClient(server.url + "/.well-known/jwks.json").get_signing_key_from_jwt(each)
        jwt.decode(each, key.key, algorithms=["ES256"], audience=server.url)

    # When its last token has expired, the old one goes.
    an_hour_passes(server)
    eventually_seen(server, lambda: kids(server) == [new], "the old key to go")
    problem(server.client().me(before), 401, "unauthenticated")
    assert server.client().me(after).status_code == 200


def test_the_command_speaks_to_people_too(start):
    server = start()
    done = keys_rotate(server)
    assert done.returncode == 0
    action, kid = done.stdout.split()
    assert action == "published" and kid in [row[0] for row in Store(server).rows("SELECT kid FROM signing_keys")]


@on_both
def test_keys_rotate_by_schedule(start):
    server = start(SIGNING_KEY_MAX_AGE="1d")
    person = make_person(server)
    [old] = kids(server)
    token, _ = app_login(server, person)
    server.variables["APP_URL"] = server.url
    rotation = "accounts.rotate_signing_keys"
    stop_for_long(server, rotation)
    Store(server).age("signing_keys", 24 * HOUR, "not_before")
    server.start()
    server.wait_for_log("signing key rotated")
    eventually_seen(server, lambda: len(kids(server)) == 2, "the next key to be published")
    assert kid_of(app_login(server, person)[0]) == old
    assert server.client().me(token).status_code == 200


@on_both
def test_no_honest_token_is_refused_while_keys_rotate_under_load(start):
    server = start()
    people = [make_person(server) for _ in range(4)]
    stop = threading.Event()
    refused, used, signers = [], [0] * 4, set()

    def live(number):
        client = server.client()
        access, refresh_token = app_login(server, people[number])
        tokens = [access]
        while not stop.is_set():
            answer = client.post("/refresh-token", json={"refresh_token": refresh_token})
            if answer.status_code != 200:
                refused.append((answer.status_code, answer.text))
                return
            refresh_token = answer.json()["refresh_token"]
            tokens = [*tokens[-30:], tokens[0], answer.json()["access_token"]]
            signers.add(kid_of(tokens[-1]))
            for token in (tokens[-1], tokens[0], tokens[len(tokens) // 2]):
                answer = client.me(token)
                used[number] += 1
                if answer.status_code != 200:
                    refused.append((answer.status_code, answer.text))

    threads = [threading.Thread(target=live, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(3):
            new = json.loads(keys_rotate(server, "--json").stdout)["kid"]
            eventually_seen(server, lambda: new in kids(server), "the key to be published")
            Store(server).age("signing_keys", HOUR, "not_before", where="WHERE kid = ?", values=(new,))
            eventually_seen(server, lambda: new in signers, "the key to sign")
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert refused == []
    assert min(used) > 20 and len(signers) >= 3


# Emergency


@on_both
def test_a_revoked_key_is_refused_at_once_and_another_one_signs(start):
    server = start()
    person = make_person(server)
    tokens = [app_login(server, person) for _ in range(3)]
    client = server.client()
    # Known by the cache of verified tokens.
    assert all(client.me(access).status_code == 200 for access, _ in tokens)
    [old] = kids(server)
    done = keys_rotate(server, "--revoke", old, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"kid": old, "action": "revoked"}
    eventually(lambda: client.me(tokens[0][0]).status_code == 401, "the token to be refused", patience=5)
    for access, _ in tokens:
        problem(client.me(access), 401, "unauthenticated")
    eventually(lambda: old not in kids(server), "the key set without it", patience=5)
    # The sessions live: who refreshes is in again.
    for _, refresh_token in tokens:
        answer = client.post("/refresh-token", json={"refresh_token": refresh_token})
        assert answer.status_code == 200
        assert kid_of(answer.json()["access_token"]) != old
        assert client.me(answer.json()["access_token"]).status_code == 200
    assert client.log_in(person.email).status_code == 200


def test_revoking_a_key_that_waits_takes_it_out_of_the_key_set_at_once(start):
    server = start()
    token, _ = app_login(server, make_person(server))
    [old] = kids(server)
    new = json.loads(keys_rotate(server, "--json").stdout)["kid"]
    eventually_seen(server, lambda: new in kids(server), "the key to be published")
    assert keys_rotate(server, "--revoke", new).returncode == 0
    eventually(lambda: kids(server) == [old], "the key set without it", patience=5)
    assert server.client().me(token).status_code == 200


@on_both
def test_a_revoked_key_stays_revoked_after_a_restart(start):
    server = start()
    token, _ = app_login(server, make_person(server))
    [old] = kids(server)
    assert keys_rotate(server, "--revoke", old).returncode == 0
    server.variables["APP_URL"] = server.url
    assert server.stop() == 0
    server.start()
    assert old not in kids(server)
    problem(server.client().me(token), 401, "unauthenticated")


def test_a_revoked_key_file_signs_no_more(start, tmp_path):
    file = tmp_path / "signing.pem"
    file.write_bytes(pem("ES256"))
    server = start(SIGNING_KEY_FILE=str(file))
    server.expected_errors.add("the given signing key is revoked; another one signs")
    person = make_person(server)
    token, _ = app_login(server, person)
    assert keys_rotate(server, "--revoke", kid_of(token)).returncode == 0
    server.variables["APP_URL"] = server.url
    assert server.stop() == 0
    server.start()
    server.wait_for_log("the given signing key is revoked; another one signs")
    problem(server.client().me(token), 401, "unauthenticated")
    other, _ = app_login(server, person)
    assert kid_of(other) != kid_of(token) and server.client().me(other).status_code == 200


def test_a_key_that_nobody_has_cannot_be_revoked(start):
    server = start()
    [old] = kids(server)
    done = keys_rotate(server, "--revoke", "nobody-s", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout) == {"kid": "nobody-s", "action": "unknown"}
    assert kids(server) == [old]


# Algorithms


@pytest.fixture(params=ALGORITHMS)
def keyed(request, start, tmp_path):
    """A server of each algorithm whose private key the test knows too: the server, algorithm and key for PyJWT."""
    algorithm = request.param
    if algorithm == "HS256":
        return start(ALGORITHM=algorithm, ACCESS_SECRET_KEY=SECRET), algorithm, SECRET.encode()
    file = tmp_path / "signing.pem"
    file.write_bytes(pem(algorithm))
    return start(ALGORITHM=algorithm, SIGNING_KEY_FILE=str(file)), algorithm, file.read_bytes()


def test_others_verify_what_each_algorithm_signs(keyed):
    server, algorithm, private = keyed
    person = make_person(server)
    token, _ = app_login(server, person)
    assert forge.parts(token)[0]["alg"] == algorithm
    if algorithm == "HS256":
        # What is published is for identities: whoever verifies those must not be able to make them.
        assert [public["alg"] for public in key_set(server)] == ["ES256"]
        key = private
        jose = jwcrypto_jwk.JWK(kty="oct", k=forge.encode(private))
    else:
        [public] = key_set(server)
        assert public["alg"] == algorithm and public["kid"] == kid_of(token)
        assert not set(public) & {"d", "p", "q", "dp", "dq", "qi", "k"}
        jose = jwcrypto_jwk.JWK(**public)
        assert jose.thumbprint() == public["kid"]
        key = jwt.PyJWKClient(server.url + "/.well-known/jwks.json").get_signing_key_from_jwt(token).key
    claims = jwt.decode(token, key, algorithms=[algorithm], audience=server.url, issuer=server.url)
    assert claims["sub"] == person.id
    checked = jwcrypto_jwt.JWT(jwt=token, key=jose, algs=[algorithm], check_claims={"aud": server.url, "exp": None})
    assert json.loads(checked.claims) == claims


def test_what_others_sign_with_the_same_key_is_verified(keyed):
    server, algorithm, private = keyed
    token, _ = app_login(server, make_person(server))
    header, claims = forge.parts(token)
    headers = {"typ": "at+jwt", "kid": header["kid"]}
    by_pyjwt = jwt.encode(claims | {"jti": "by-pyjwt"}, private, algorithm=algorithm, headers=headers)
    assert server.client().me(by_pyjwt).status_code == 200
    key = (
        jwcrypto_jwk.JWK(kty="oct", k=forge.encode(private)) if algorithm == "HS256"
        else jwcrypto_jwk.JWK.from_pem(private)
    )
    made = jwcrypto_jwt.JWT(header=headers | {"alg": algorithm}, claims=claims | {"jti": "by-jwcrypto"})
    made.make_signed_token(key)
    assert server.client().me(made.serialize()).status_code == 200

    # Another key of the same kind, another algorithm, no signature.
    stranger = SECRET[::-1].encode() if algorithm == "HS256" else pem(algorithm)
    wrong = [jwt.encode(claims, stranger, algorithm=algorithm, headers=headers), token[:-6] + "AAAAAA"]
    wrong.append(".".join([forge.segment({"alg": "none", **headers}), forge.segment(claims), ""]))
    if algorithm != "HS256":
        [public] = key_set(server)
        # The classic: the public key as the secret of an HMAC.
        public_pem = jwcrypto_jwk.JWK(**public).export_to_pem()
        wrong.append(forge.sign_hs256(public_pem, headers | {"alg": "HS256"}, claims))
    for forged in wrong:
        problem(server.client().me(forged), 401, "unauthenticated")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_each_algorithm_works_without_a_key_of_ones_own(start, algorithm):
    server = start(ALGORITHM=algorithm)
    person = make_person(server)
    token, refresh_token = app_login(server, person)
    assert forge.parts(token)[0]["alg"] == algorithm
    assert server.client().me(token).status_code == 200
    assert len(key_set(server)) == 1
    server.variables["APP_URL"] = server.url
    server.kill()
    server.start()
    assert server.client().me(token).status_code == 200


def test_tokens_outlive_a_change_of_the_algorithm(start):
    server = start()
    person = make_person(server)
    issued = [app_login(server, person)[0]]
    server.variables["APP_URL"] = server.url
    for algorithm in ("EdDSA", "HS256", "RS256", "ES256"):
        assert server.stop() == 0
        server.variables["ALGORITHM"] = algorithm
        server.start()
        issued.append(app_login(server, person)[0])
        assert forge.parts(issued[-1])[0]["alg"] == algorithm
        assert all(server.client().me(token).status_code == 200 for token in issued)
    assert {key["alg"] for key in key_set(server)} == {"ES256", "EdDSA", "RS256"}


def test_a_key_file_may_come_back(start, tmp_path):
    """One file, another, and the first again: each signs from its start on, and no token is refused."""
    files = []
    for name in ("first", "second"):
        files.append(tmp_path / f"{name}.pem")
        files[-1].write_bytes(pem("ES256"))
    server = start(SIGNING_KEY_FILE=str(files[0]))
    person = make_person(server)
    issued = [app_login(server, person)[0]]
    server.variables["APP_URL"] = server.url
    for file in (files[1], files[0]):
        assert server.stop() == 0
        server.variables["SIGNING_KEY_FILE"] = str(file)
        server.start()
        issued.append(app_login(server, person)[0])
        assert all(server.client().me(token).status_code == 200 for token in issued)
    assert kid_of(issued[0]) == kid_of(issued[2]) != kid_of(issued[1])


@pytest.mark.parametrize("content, algorithm", [
    (b"", None), (b"not a key", None), ("RS256", "ES256"), ("public", None), ("small", None), ("P-384", None),
])
def test_a_key_file_that_cannot_sign_is_refused_by_name(start, tmp_path, content, algorithm):
    file = tmp_path / "signing.pem"
    if content == "RS256":
        content = pem("RS256")
    elif content == "small":
        content = pem_of(rsa.generate_private_key(65537, 1024))
    elif content == "P-384":
        content = pem_of(ec.generate_private_key(ec.SECP384R1()))
    elif content == "public":
        content = jwcrypto_jwk.JWK.from_pem(pem("ES256")).export_to_pem()
    file.write_bytes(content)
    folder = tmp_path / "server"
    folder.mkdir()
    variables = {"APP_ENV": "development", "SIGNING_KEY_FILE": str(file), "ALGORITHM": algorithm}
    done = run("serve", folder=folder, variables=variables)
    assert done.returncode != 0 and "SIGNING_KEY_FILE" in done.stderr
    assert "PRIVATE" not in done.stderr


# Master keys


@on_both
def test_a_new_master_key_takes_over_from_the_old_one(start):
    old, new, stranger = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2, 3))
    # The secrets of refresh tokens and links are derived from it; those of before stay known by the old key.
    server = start(MASTER_KEY=old)
    person = make_person(server)
    waiting = fresh_email()
    server.client().register(waiting)
    link_token = server.client().link_token(waiting)
    token, refresh_token = app_login(server, person)
    [first] = kids(server)
    server.variables["APP_URL"] = server.url
    assert server.stop() == 0
    server.variables["MASTER_KEY"] = f"{new},{old}"
    server.start()
    assert kids(server) == [first]
    assert server.client().me(token).status_code == 200
    assert server.client().post("/refresh-token", json={"refresh_token": refresh_token}).status_code == 200
    assert server.client().prove(link_token).status_code == 200
    second = json.loads(keys_rotate(server, "--json").stdout)["kid"]
    an_hour_passes(server)
    eventually_seen(server, lambda: kid_of(app_login(server, person)[0]) == second, "the new key to sign")
    an_hour_passes(server)
    assert server.stop() == 0
    # The old master key's last signing key is gone: the new one is enough.
    server.variables["MASTER_KEY"] = new
    server.start()
    assert kids(server) == [second]
    assert server.stop() == 0
    done = run("serve", folder=server.folder, variables=server.variables | {"MASTER_KEY": stranger})
    assert done.returncode != 0 and "MASTER_KEY" in done.stderr
    server.start()


@on_both
def test_private_keys_are_encrypted_at_rest(start, tmp_path):
    file = tmp_path / "signing.pem"
    file.write_bytes(pem("ES256"))
    server = start(SIGNING_KEY_FILE=str(file))
    number = jwcrypto_jwk.JWK.from_pem(file.read_bytes()).export(as_dict=True)["d"]
    stored = server.database.at_rest()
    assert kids(server)[0].encode() in stored
    assert forge.decode(number) not in stored
