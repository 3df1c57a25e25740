"""Forged signatures, for each algorithm, against the running server with a signing key that the test knows too.

The cases mirror those of Wycheproof's json_web_signature and json_web_key test vectors, and are made anew in each run;
each test names the groups, comments or flags there that it stands for. Keys as JWKs, which the server reads from other
issuers only, are tested in Tests/Unit/CryptoTests.
"""

import hashlib
import hmac
import itertools
import json

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwcrypto import jwk as jwcrypto_jwk
from jwcrypto import jws as jwcrypto_jws

from conftest import SERVERS
from support import der, forge
from support.server import Server
from support.signer import Signer, new_key, sign, variables

pytestmark = pytest.mark.database_plays_no_part

ALGORITHMS = ["ES256", "RS256", "EdDSA", "HS256"]

OTHER_ALGORITHMS = [
    *["none", "None", "NONE", "nOnE", "NoNe", "none ", "", " ", "null", "HS256", "HS384", "HS512", "HS1"],
    *["RS1", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "ES521", "ES256K"],
    *["EdDSA", "Ed25519", "Ed448", "RSA1_5", "RSA-OAEP", "A256GCM", "A256KW", "dir", "HmacSHA256", "SHA256withECDSA"],
]

SECRET_OF_A_STRANGER = b"another secret that has more than thirty-two bytes"

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@pytest.fixture(scope="module")
def signers(tmp_path_factory):
    """A server of each algorithm, started when the first test asks for it."""
    made = {}

    def signer(name, make_key=None):
        if name not in made:
            folder = tmp_path_factory.mktemp("signer")
            algorithm = name.split()[0]
            key = make_key() if make_key else new_key(algorithm)
            made[name] = Signer(Server(folder, variables(algorithm, key, folder)), algorithm, key)
        return made[name]

    yield signer
    for signer in made.values():
        signer.server.close()
    assert [error for signer in made.values() for error in signer.server.errors()] == []


@pytest.fixture
def signer_of(request, signers):
    def signer_of(*arguments):
        signer = signers(*arguments)
        request.node.stash.setdefault(SERVERS, []).append(signer.server)
        return signer

    return signer_of


@pytest.fixture(params=ALGORITHMS)
def signer(request, signer_of):
    return signer_of(request.param)


@pytest.fixture
def es256(signer_of):
    return signer_of("ES256")


@pytest.fixture
def rs256(signer_of):
    return signer_of("RS256")


@pytest.fixture
def eddsa(signer_of):
    return signer_of("EdDSA")


@pytest.fixture
def hs256(signer_of):
    return signer_of("HS256")


# Form


def test_a_changed_or_missing_part_is_refused(signer):
    """rejectsModified..., rejectsMissing...AndSeparator, rejectsEmptyString, rejectsExtra(Empty)Component."""
    header, claims, signature = signer.honest.split(".")
    other = forge.segment(signer.claims | {"sub": "01890000-0000-7000-8000-000000000000"})
    signer.assert_refuses(
        (token, token)
        for token in [
            f"{header}.{claims}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}",
            f"{header}.{claims}.",
            f"{header}.{claims}",
            f"{header}.{other}.{signature}",
            f"{header}..{signature}",
            f"{header}.{signature}",
            f"{forge.segment(signer.header | {'x': 1})}.{claims}.{signature}",
            f".{claims}.{signature}",
            f"{claims}.{signature}",
            f".{claims}.",
            claims,
            "",
            ".",
            "..",
            f"{signer.honest}.",
            f"{signer.honest}.foo",
            f".{signer.honest}",
            f"{header}..{claims}.{signature}",
            f"{header}.{claims}..{signature}",
        ]
    )


def test_a_part_that_is_signed_but_empty_or_no_object_is_refused(signer):
    """emptyPayload, allZeroPayload, oneBytePayload: payloads that JWS allows and a token of ours cannot have."""
    for claims in [b"", bytes(16), b"A", b"[]", b"null", b'"text"', b"1", b"{", b"{}x", b"\xef\xbb\xbf{}", b"\xff"]:
        signer.assert_refuses([(claims, signer.token(claims=claims)), (claims, signer.token(header=claims))])
    claims = json.dumps(signer.claims)
    signer.assert_refuses(
        (text, signer.token(claims=text.encode("utf-8", "surrogatepass")))
        for text in [
            "\ufeff" + claims,
            claims + "\0",
            claims + claims,
            claims[:-1] + ',"x":"\ud800"}',
            claims[:-1] + ',"x":"\\ud800"}',
            claims[:-1] + ',"x":NaN}',
            claims[:-1] + ",}",
            claims[:-1] + ',"sub":"x"}',
            claims[:-1] + ',"\\u0073ub":"x"}',
            "[" * 2_000 + "]" * 2_000,
        ]
    )


def test_a_token_in_json_serialisation_is_refused(signer):
    """JsonSerialization: rejectsValidJsonSerialization; with it, headers that are not protected."""
    header, claims, signature = signer.honest.split(".")
    flat = {"payload": claims, "protected": header, "signature": signature}
    documents = [
        flat,
        flat | {"header": {"x": "untrusted"}},
        {"payload": claims, "header": signer.header, "signature": signature},
        {"payload": claims, "signatures": [{"protected": header, "signature": signature}]},
        {"payload": claims, "signatures": []},
    ]
    if signer.algorithm == "HS256":
        key = jwcrypto_jwk.JWK(kty="oct", k=forge.encode(signer.key))
    else:
        key = jwcrypto_jwk.JWK.from_pyca(signer.key)
    made = jwcrypto_jws.JWS(json.dumps(signer.claims))
    made.add_signature(key, signer.algorithm, json.dumps({"alg": signer.algorithm}), json.dumps({"kid": "x"}))
    texts = [json.dumps(document, separators=(",", ":")) for document in documents] + [made.serialize(compact=False)]
    signer.assert_refuses((text, text) for text in texts)
    signer.assert_refuses((text, forge.segment(text.encode())) for text in texts)


def test_anything_but_strict_base64url_is_refused_even_signed(signer):
    """base64: spaces, padding, invalid characters, unused bits, MacOfIncorrectlyEncodedMessage."""

    def damaged(text):
        yield "padded", text + "=" * (-len(text) % 4 or 4)
        yield "padded twice", text + "=="
        yield "unused bits set", text[:-1] + ALPHABET[ALPHABET.index(text[-1]) | 1]
        yield "the highest unused bit set", text[:-1] + ALPHABET[ALPHABET.index(text[-1]) | 2]
        yield "one character too many", text + "A"
        yield "cut", text[:-1]
        yield "the other alphabet", text[:4] + "+/+/" + text[8:]
        for character in " \t!\"#$%&'()*,:;<=>?@[\\]^`{|}~/+\x80\xff":
            yield f"{character!r} inside", text[:5] + character + text[5:]
            yield f"{character!r} in place of another", text[:5] + character + text[6:]
            yield f"{character!r} in front", character + text
            yield f"{character!r} behind", text + character

    def with_unused_bits(document):
        # Four unused bits at the end: one byte over a multiple of three.
        text = json.dumps(document)
        return forge.segment((text + " " * ((1 - len(text)) % 3)).encode())

    header, claims = with_unused_bits(signer.header), with_unused_bits(signer.claims)
    token = signer.of_texts(header, claims)
    assert signer.takes(token)
    signature = token.rsplit(".", 1)[1]
    cases = []
    for name, text in damaged(signature):
        if text.strip() != signature:
            cases.append((f"signature {name}", f"{header}.{claims}.{text}".encode("latin-1")))
    for index, part in enumerate([header, claims]):
        for name, text in damaged(part):
            texts = [header, claims]
            texts[index] = text
            message = ".".join(texts).encode("latin-1")
            if text.strip() != part:
                cases.append((f"part {index} {name}, signed as before", message + b"." + signature.encode()))
                signed_so = forge.encode(signer.sign(message)).encode()
                cases.append((f"part {index} {name}, signed", message + b"." + signed_so))
    signer.assert_refuses(cases)


def test_white_space_in_the_json_changes_nothing(signer):
    """ValidSpacesInJsonHeader, ValidWhiteSpaceInJsonHeader; and escapes, other spellings of one name."""
    plain = json.dumps(signer.header).encode()
    assert signer.takes(signer.token(header=plain.replace(b": ", b"  :\t\r\n ").replace(b"{", b" {\n")))
    assert signer.takes(signer.token(header=plain.replace(b'"alg"', b'"\\u0061lg"')))
    assert signer.takes(signer.token(claims=json.dumps(signer.claims, indent=8).encode()))


def test_every_character_of_the_alphabet_is_read_in_a_signature(signer):
    """ValidMac, ValidEdgeCaseMac."""
    missing = set(ALPHABET)
    for number in itertools.count():
        token = signer.token(claims=signer.claims | {"jti": str(number)})
        if missing & set(token.rsplit(".", 1)[1]):
            missing -= set(token.rsplit(".", 1)[1])
            assert signer.takes(token)
        if not missing:
            break


# Header


def test_no_algorithm_but_the_keys_own_is_taken(signer):
    """AlgIsNone, rejectsNoneAlgorithmAndMissingSignature, WrongPrimitive."""
    cases = []
    for name in OTHER_ALGORITHMS + [signer.algorithm.lower(), signer.algorithm + "\0", signer.algorithm + " "]:
        if name == signer.algorithm:
            continue
        header = signer.header_text(alg=name)
        for signature in [signer.sign, lambda _: b"", lambda _: b"\0", lambda _: signer.sign(b"")]:
            cases.append((name, signer.token(header=header, sign=signature)))
    for value in [..., None, 0, True, [], [signer.algorithm], {}, {"alg": signer.algorithm}]:
        cases.append((value, signer.token(header=signer.header_text(alg=value))))
        cases.append((value, signer.token(header=signer.header_text(alg=value), sign=lambda _: b"")))
    signer.assert_refuses(cases)


def test_a_member_that_stands_twice_or_in_other_letters_is_refused(signer):
    plain = json.dumps(signer.header)
    name = signer.algorithm
    signer.assert_refuses(
        (header, signer.token(header=header.encode()))
        for header in [
            plain[:-1] + f', "alg": "{name}"}}',
            plain[:-1] + ', "alg": "none"}',
            '{"alg": "none", ' + plain[1:],
            plain[:-1] + ', "\\u0061lg": "none"}',
            plain[:-1] + ', "al\\u0067": "none"}',
            '{"\\u0061\\u006c\\u0067": "none", ' + plain[1:],
            plain[:-1] + f', "kid": "{signer.header["kid"]}"}}',
            plain[:-1] + ', "\\u006bid": "other"}',
            plain[:-1] + ', "typ": "at+jwt"}',
            plain.replace('"alg"', '"ALG"'),
            plain.replace('"alg"', '"Alg"'),
            plain.replace('"alg"', '"alg "'),
            plain.replace('"alg"', '"alg\\u0000"'),
            plain.replace('"kid"', '"KID"'),
        ]
    )


def test_every_extension_that_must_be_understood_is_refused(signer):
    header = signer.header
    for crit in [["exp"], ["b64"], ["unknown"], ["alg"], ["kid", "kid"], [], [""], [1], "exp", None, {}, 0, False]:
        signer.assert_refuses([(crit, signer.token(header=header | {"crit": crit}))])
    signer.assert_refuses([("b64", signer.token(header=header | {"crit": ["b64"], "b64": False}))])
    # RFC 7797: a payload that is not encoded, with and without saying that this must be understood.
    claims = json.dumps(signer.claims).replace(".", "\\u002e")
    for extra in [{"crit": ["b64"], "b64": False}, {"b64": False}, {}]:
        signer.assert_refuses([("plain payload", signer.of_texts(forge.segment(header | extra), claims))])


def test_a_key_in_the_header_is_not_looked_at(signer):
    """rejectsAttackerProvidedEmbeddedJwk; also by address, certificate and thumbprint."""
    stranger = SECRET_OF_A_STRANGER if signer.algorithm == "HS256" else new_key(signer.algorithm)
    if signer.algorithm == "HS256":
        jwk = {"kty": "oct", "k": forge.encode(stranger), "alg": "HS256"}
    else:
        jwk = jwcrypto_jwk.JWK.from_pyca(stranger).export_public(as_dict=True)
    kid = signer.header["kid"]
    cases = []
    for extra in [
        {"jwk": jwk},
        {"jwk": jwk | {"kid": kid}},
        {"jwk": jwk, "kid": ...},
        {"jwk": jwk | {"kid": "mine"}, "kid": "mine"},
        {"jwk": {"keys": [jwk]}},
        {"jku": "http://127.0.0.1:1/keys"},
        {"x5u": "http://127.0.0.1:1/key"},
        {"x5c": ["AAAA"]},
        {"x5t": kid},
        {"x5t#S256": kid},
        {"key": jwk, "secret": "x"},
    ]:
        header = signer.header_text(**extra)
        cases.append((extra, signer.token(header=header, sign=lambda text: sign(signer.algorithm, stranger, text))))
    signer.assert_refuses(cases)


def test_the_name_of_a_key_is_a_string_and_nothing_more(signer):
    kid = signer.header["kid"]
    cases = []
    other_names = ["", " ", kid + " ", kid + "\0", kid[:-1], kid.swapcase()]
    for value in [..., None, 0, 1, True, [], [kid], {"kid": kid}, *other_names]:
        cases.append((value, signer.token(header=signer.header_text(kid=value))))
    for value in ["*", "%", "' OR '1'='1", "../../../dev/null", "file:///dev/null", "|true", "a" * 4_000]:
        # A name that leads to an empty file or to nothing would make the empty secret the key.
        for secret in [b"", b"\0", value.encode()]:
            header = signer.header_text(kid=value, alg="HS256")
            cases.append((value, signer.token(header=header, sign=lambda text: sign("HS256", secret, text))))
    signer.assert_refuses(cases)


def test_a_key_is_used_under_its_own_name_and_algorithm_only(start, tmp_path):
    """jws_mixedSymmetryKeyset, jws_keyset: one server with a key of each algorithm."""
    keys = {algorithm: new_key(algorithm) for algorithm in ALGORITHMS}
    server, signers = None, {}
    for algorithm, key in keys.items():
        settings = {"SIGNING_KEY_FILE": None} | variables(algorithm, key, tmp_path)
        if server is None:
            server = start(**settings)
            server.variables["APP_URL"] = server.url
        else:
            assert server.stop() == 0
            server.variables |= settings
            server.start()
        signers[algorithm] = Signer(server, algorithm, key)
    for signer in signers.values():
        signer.client = server.client()
    taken = set()
    for named, algorithm, key in itertools.product(ALGORITHMS, repeat=3):
        signer = signers[named]
        header = signer.header_text(alg=algorithm)
        if signer.takes(signer.token(header=header, sign=lambda text: sign(key, keys[key], text))):
            taken.add((named, algorithm, key))
    assert taken == {(algorithm, algorithm, algorithm) for algorithm in ALGORITHMS}


@pytest.mark.parametrize("algorithm", ["ES256", "RS256", "EdDSA"])
def test_a_public_key_is_no_secret(signer_of, algorithm):
    """rejectsSymmetryConfusionAttacks_aesKeyFromEcVerificationKeyBytes, in every form that is public."""
    signer = signer_of(algorithm)
    [jwk] = signer.client.get("/.well-known/jwks.json").json()["keys"]
    public = signer.key.public_key()
    secrets = [b"", jwk["kid"].encode(), json.dumps(jwk).encode(), json.dumps(jwk, separators=(",", ":")).encode()]
    for form in (PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1):
        for encoding in (Encoding.PEM, Encoding.DER):
            if form == PublicFormat.SubjectPublicKeyInfo or algorithm == "RS256":
                secrets.append(public.public_bytes(encoding, form))
    secrets += [secret.rstrip() for secret in secrets] + [secret + b"\0" for secret in secrets]
    parts = [forge.decode(jwk[name]) for name in ("x", "y", "n", "e") if name in jwk]
    secrets += [*parts, b"".join(parts), b"\x04" + b"".join(parts)]
    secrets += [jwk[name].encode() for name in ("x", "y", "n", "e") if name in jwk]
    cases = []
    for name, digest in [("HS256", "sha256"), ("HS384", "sha384"), ("HS512", "sha512"), (algorithm, "sha256")]:
        for secret in secrets:
            header = signer.header_text(alg=name)
            cases.append((name, signer.token(header=header, sign=lambda text: hmac.digest(secret, text, digest))))
    signer.assert_refuses(cases)


# HS256


def test_a_cut_longer_or_other_tag_is_refused(hs256):
    def tags(message):
        tag = hs256.sign(message)
        for count in range(32):
            yield tag[:count]
        yield from [tag + b"\0", tag + tag, b"\0" + tag, tag[::-1], bytes(32), b"\xff" * 32, tag.hex().encode()]
        for bit in range(256):
            yield (int.from_bytes(tag, "big") ^ 1 << bit).to_bytes(32, "big")
        for digest in ["md5", "sha1", "sha224", "sha384", "sha512", "sha512_256", "sha3_256"]:
            yield hmac.digest(hs256.key, message, digest)
            yield hmac.digest(hs256.key, message, digest)[:32]
        yield hashlib.sha256(hs256.key + message).digest()
        yield hashlib.sha256(message).digest()
        for key in [b"", hs256.key[:32], hs256.key + b"\n", forge.encode(hs256.key).encode(), hs256.key.hex().encode()]:
            yield hmac.digest(key, message, "sha256")
        yield hmac.digest(hs256.key, message.split(b".")[1], "sha256")
        yield hmac.digest(hs256.key, message + b".", "sha256")

    message, _ = hs256.honest.rsplit(".", 1)
    hs256.assert_refuses((tag, f"{message}.{forge.encode(tag)}") for tag in tags(message.encode()))


# ES256: the group SpecialCaseEs256

N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF


def pair(r, s, count=32):
    return r.to_bytes(count, "big") + s.to_bytes(count, "big")


def test_es256_numbers_out_of_range_are_refused(es256):
    """rIs..._sIs..., RisTooBig, SisTooBig."""
    message, signature = es256.honest.rsplit(".", 1)
    raw = forge.decode(signature)
    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    edges = [0, 1, 2, (N - 1) // 2, N - 2, N - 1, N, N + 1, P - 1, P, P + 1, P - N, (1 << 255) - 1, (1 << 256) - 1]
    numbers = [*itertools.product(edges, edges), *((r, edge) for edge in edges), *((edge, s) for edge in edges)]
    es256.assert_refuses((numbers, f"{message}.{forge.encode(pair(*numbers))}") for numbers in numbers)


def test_es256_numbers_that_are_equal_only_after_reduction_are_refused(es256):
    """IntegerOverflow, BufferOverflow: r + n and s + n, which fit 32 bytes with one number in 2^32 only, so wider."""
    message, signature = es256.honest.rsplit(".", 1)
    raw = forge.decode(signature)
    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    forms = [
        pair(number, other, count)
        for count in (33, 34, 40, 48, 64, 66, 256)
        for number, other in [(r, s), (r + N, s), (r, s + N), (r + N, s + N), (r + (1 << 256), s), (r, s + (1 << 256))]
    ]
    es256.assert_refuses((form, f"{message}.{forge.encode(form)}") for form in forms)


def test_es256_signatures_of_another_form_or_length_are_refused(es256):
    """SignatureTooLong, TrailingZeros; DER, compressed and exchanged numbers."""
    message, signature = es256.honest.rsplit(".", 1)
    raw = forge.decode(signature)
    r, s = raw[:32], raw[32:]
    in_der = es256.key.sign(message.encode(), ec.ECDSA(hashes.SHA256()))
    forms = [
        *(raw[:count] for count in range(64)),
        *(raw + bytes(count) for count in (1, 2, 32, 64, 1_000)),
        *(bytes(count) + raw for count in (1, 32)),
        *(raw + raw, in_der, in_der[:64].ljust(64, b"\0"), s + r, r + r, s + s, r[::-1] + s[::-1]),
        *(r + b"\0" + s, b"\0" + r + b"\0" + s, r.hex().encode() + s.hex().encode()),
        pair(N - int.from_bytes(r, "big"), int.from_bytes(s, "big")),
        pair(N - int.from_bytes(r, "big"), N - int.from_bytes(s, "big")),
    ]
    es256.assert_refuses((form, f"{message}.{forge.encode(form)}") for form in forms)


def test_es256_signatures_by_another_digest_curve_or_key_are_refused(es256):
    def by(key, digest, count=32):
        return lambda message: pair(*decode_dss_signature(key.sign(message, ec.ECDSA(digest))), count)

    wrong = [by(es256.key, digest) for digest in (hashes.SHA1(), hashes.SHA384(), hashes.SHA512(), hashes.SHA3_256())]
    for curve, count in [(ec.SECP256R1(), 32), (ec.SECP256K1(), 32), (ec.SECP384R1(), 48), (ec.SECP521R1(), 66)]:
        wrong += [by(ec.generate_private_key(curve), digest, count) for digest in (hashes.SHA256(), hashes.SHA384())]
    es256.assert_refuses((sign, es256.token(sign=sign)) for sign in wrong)


def test_the_mirror_of_an_es256_signature_is_the_same_session(es256):
    """ECDSA takes (r, n - s) for (r, s), and the RFC asks nothing more: it must win an attacker nothing."""
    message, signature = es256.honest.rsplit(".", 1)
    raw = forge.decode(signature)
    mirror = f"{message}.{forge.encode(raw[:32] + (N - int.from_bytes(raw[32:], 'big')).to_bytes(32, 'big'))}"
    assert es256.client.me(mirror).json() == es256.client.me(es256.honest).json()
    other = Signer(es256.server, "ES256", es256.key)
    message, signature = other.honest.rsplit(".", 1)
    raw = forge.decode(signature)
    mirror = f"{message}.{forge.encode(raw[:32] + (N - int.from_bytes(raw[32:], 'big')).to_bytes(32, 'big'))}"
    assert other.takes(mirror)
    answer = other.client.post("/logout", headers={"Authorization": f"Bearer {other.honest}"})
    assert answer.status_code in (200, 204), answer.text
    assert not other.takes(mirror) and not other.takes(other.honest)


# RS256


def raw_rsa(key):
    """Signs a number as it is, by the Chinese remainder theorem."""
    numbers = key.private_numbers()

    def sign(encoded):
        encoded = int.from_bytes(encoded, "big")
        p, q = numbers.p, numbers.q
        at_p, at_q = pow(encoded % p, numbers.dmp1, p), pow(encoded % q, numbers.dmq1, q)
        return (at_q + (at_p - at_q) * numbers.iqmp % p * q).to_bytes(key.key_size // 8, "big")

    return sign


def padded(info, size=256):
    """EMSA-PKCS1-v1_5 (RFC 8017, 9.2)."""
    return b"\0\x01" + b"\xff" * (size - 3 - len(info)) + b"\0" + info


def test_rs256_signatures_with_a_faulty_digest_info_are_refused(rs256):
    """ModifiedPadding: every fault in length, tag or value of each element."""
    by_number = raw_rsa(rs256.key)
    message = rs256.honest.rsplit(".", 1)[0].encode()
    assert by_number(padded(der.digest_info(message))) == rs256.sign(message)
    rs256.assert_refuses(
        (name, f"{message.decode()}.{forge.encode(by_number(padded(info)))}")
        for name, info in der.faulty_digest_infos(message)
    )


def test_rs256_signatures_with_faulty_padding_are_refused(rs256):
    """ModifiedPadding, ModifiedSignature; Bleichenbacher's forms with garbage that the padding makes room for."""
    by_number = raw_rsa(rs256.key)
    message = rs256.honest.rsplit(".", 1)[0].encode()
    info = der.digest_info(message)
    filled = 256 - 3 - len(info)
    ff = b"\xff"
    encoded = {
        "block type 0": b"\0\0" + bytes(filled) + b"\0" + info,
        "block type 2": b"\0\x02" + ff * filled + b"\0" + info,
        "block type 0 with FF": b"\0\0" + ff * filled + b"\0" + info,
        "no separator": b"\0\x01" + ff * (filled + 1) + info,
        "another separator": b"\0\x01" + ff * filled + b"\x01" + info,
        "two separators": b"\0\x01" + ff * (filled - 1) + b"\0\0" + info,
        "a zero in the filling": b"\0\x01" + ff * 20 + b"\0" + ff * (filled - 21) + b"\0" + info,
        "an FE in the filling": b"\0\x01" + ff * 20 + b"\xfe" + ff * (filled - 21) + b"\0" + info,
        "an FE at its start": b"\0\x01\xfe" + ff * (filled - 1) + b"\0" + info,
        "an FE at its end": b"\0\x01" + ff * (filled - 1) + b"\xfe\0" + info,
        "no leading zero": b"\x01" + ff * (filled + 1) + b"\0" + info,
        "no filling": (b"\0\x01\0" + info).ljust(256, b"\0"),
        "the digest alone": padded(hashlib.sha256(message).digest()),
        "the message alone": padded(message[:200]),
        "a cut digest": padded(info[:-1]),
        "nothing": padded(b""),
        "no padding": info.rjust(256, b"\0"),
        "garbage in front": b"\0\x01" + ff * 8 + b"\0" + b"\x04" * (filled - 8 - 1) + b"\0" + info,
    }
    for count in (0, 1, 7, 8, 9, 100, filled - 1):
        rest = filled - count
        encoded[f"{count} bytes of filling, zeros behind"] = b"\0\x01" + ff * count + b"\0" + info + bytes(rest)
        encoded[f"{count} bytes of filling, garbage behind"] = b"\0\x01" + ff * count + b"\0" + info + b"\xa5" * rest
    # The rest hidden in the parameters of the algorithm (BERserk), where few programs look.
    rest = 256 - 3 - 8 - len(info) - 4
    oid = der.tlv(0x06, der.oid(der.SHA256))
    parameters = b"\x04" + bytes([0x81, rest - 1]) + b"\xa5" * (rest - 1)
    algorithm = b"\x30" + bytes([0x81, len(oid + parameters)]) + oid + parameters
    hidden = algorithm + der.tlv(0x04, hashlib.sha256(message).digest())
    hidden = b"\x30" + bytes([0x81, len(hidden)]) + hidden
    encoded["garbage in the parameters"] = padded(hidden)
    for name, text in encoded.items():
        assert len(text) == 256, name
    rs256.assert_refuses(
        (name, f"{message.decode()}.{forge.encode(by_number(text))}") for name, text in encoded.items()
    )


def test_rs256_signatures_of_another_length_or_size_are_refused(rs256):
    """SignatureIs0, ...1, ...Nsub1, ...n, ...notReduced, prepending and appending zeros, truncatedSignature."""
    n = rs256.key.private_numbers().public_numbers.n
    for number in itertools.count():
        token = rs256.token(claims=rs256.claims | {"jti": f"reduced {number}"})
        message, signature = token.rsplit(".", 1)
        raw = forge.decode(signature)
        value = int.from_bytes(raw, "big")
        # Not reduced, in as many bytes: there is one for some signatures only.
        if value + n < 1 << 2048:
            break
    numbers = [0, 1, 2, n - 2, n - 1, n, n + 1, value + n, n - value, (1 << 2048) - 1, value ^ 1, value ^ 1 << 2047]
    forms = [number.to_bytes(256, "big") for number in numbers]
    forms += [(value + n * times).to_bytes(257, "big") for times in (0, 1, 2)]
    forms += [raw[:count] for count in (0, 1, 32, 128, 254, 255)]
    forms += [raw + bytes(count) for count in (1, 2, 256)]
    forms += [b"\0" + raw, bytes(256) + raw, raw[1:], raw[::-1], raw + raw]
    assert rs256.takes(token)
    rs256.assert_refuses((form, f"{message}.{forge.encode(form)}") for form in forms)


def test_rs256_signatures_by_another_padding_digest_or_key_are_refused(rs256):
    """WrongPrimitive: UsingRS384, ...RS512, ...PS256, ...PS384; ps256: salts of every length."""
    cases = []
    digests = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512(), "1": hashes.SHA1()}
    for (size, digest), name in itertools.product(digests.items(), ["RS256", "PS256", "same"]):
        by_digest = [padding.PKCS1v15()] if size != "256" or name == "PS256" else []
        by_digest += [
            padding.PSS(padding.MGF1(mask), salt)
            for mask in (digest, hashes.SHA1())
            for salt in (0, 20, digest.digest_size, padding.PSS.MAX_LENGTH)
        ]
        for form in by_digest:
            kind = "RS" if isinstance(form, padding.PKCS1v15) else "PS"
            header = rs256.header_text(alg=kind + size if name == "same" else name)
            cases.append(
                ((name, size, kind), rs256.token(header=header, sign=lambda text: rs256.key.sign(text, form, digest)))
            )
    for bits in (1024, 2048, 3072, 4096):
        other = rsa.generate_private_key(65537, bits)
        cases.append((bits, rs256.token(sign=lambda text: sign("RS256", other, text))))
    rs256.assert_refuses(cases)


def test_a_cube_root_is_no_signature_of_a_key_with_exponent_three(signer_of):
    """Bleichenbacher 2006 and BERserk: no private key is needed if what follows the digest is not looked at."""
    signer = signer_of("RS256 e=3", lambda: rsa.generate_private_key(3, 2048))
    message = signer.honest.rsplit(".", 1)[0].encode()
    info = der.digest_info(message)
    cases = []
    for filling in (0, 1, 8, 16):
        prefix = b"\0\x01" + b"\xff" * filling + b"\0" + info
        room = 8 * (256 - len(prefix))
        root = cube_root((int.from_bytes(prefix, "big") + 1 << room) - 1)
        forged = root.to_bytes(256, "big")
        assert (root**3).to_bytes(256, "big").startswith(prefix)
        cases.append((filling, f"{message.decode()}.{forge.encode(forged)}"))
    signer.assert_refuses(cases)


def cube_root(number):
    low, high = 0, 1 << number.bit_length() // 3 + 1
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**3 <= number else (low, middle - 1)
    return low


# EdDSA

L = (1 << 252) + 27742317777372353535851937790883648493
FIELD = (1 << 255) - 19


def expanded(key):
    """The private scalar and the public key (RFC 8032, 5.1.5)."""
    digest = hashlib.sha512(key.private_bytes_raw()).digest()
    scalar = int.from_bytes(digest[:32], "little") & (1 << 254) - 8 | 1 << 254
    return scalar, key.public_key().public_bytes_raw()


def test_eddsa_numbers_out_of_range_are_refused(eddsa):
    """S + L is the same number to whoever does not look at its size (RFC 8032, 5.1.7)."""
    message, signature = eddsa.honest.rsplit(".", 1)
    raw = forge.decode(signature)
    r, s = raw[:32], int.from_bytes(raw[32:], "little")
    numbers = [s + times * L for times in range(1, 16) if s + times * L < 1 << 256]
    numbers += [s | 1 << bit for bit in (253, 254, 255)]
    numbers += [0, 1, L - 1, L, L + 1, L - s, (1 << 256) - 1]
    forms = [r + number.to_bytes(32, "little") for number in numbers]
    forms += [bytes(32) + raw[32:], bytes(64), b"\xff" * 64, r + raw[:31:-1]]
    forms.append(raw[:31] + bytes([raw[31] ^ 0x80]) + raw[32:])
    eddsa.assert_refuses((form, f"{message}.{forge.encode(form)}") for form in forms)


def test_eddsa_points_of_small_order_or_another_encoding_are_refused(eddsa):
    """The commitment R as a point that adds nothing, so that S is made without a nonce; each form but the one right."""
    scalar, public = expanded(eddsa.key)

    def with_point(encoded):
        def sign(message):
            digest = hashlib.sha512(encoded + public + message).digest()
            return encoded + (int.from_bytes(digest, "little") * scalar % L).to_bytes(32, "little")

        return sign

    identity = (1).to_bytes(32, "little")
    # This one is right by the equation, which shows that the others are refused for their point.
    assert eddsa.takes(eddsa.token(sign=with_point(identity)))
    order_eight = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"
    other_eight = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"
    points = [number.to_bytes(32, "little") for number in (0, FIELD - 1, FIELD, FIELD + 1, 2, FIELD + 2)]
    points += [bytes.fromhex(order_eight), bytes.fromhex(other_eight)]
    points += [encoded[:31] + bytes([encoded[31] | 0x80]) for encoded in [identity, *points]]
    eddsa.assert_refuses((point.hex(), eddsa.token(sign=with_point(point))) for point in points)


def test_eddsa_signatures_of_another_length_variant_or_key_are_refused(eddsa):
    message, signature = eddsa.honest.rsplit(".", 1)
    raw = forge.decode(signature)
    scalar, public = expanded(eddsa.key)
    identity = (1).to_bytes(32, "little")

    def variant(flag, context, text):
        """Ed25519ctx and Ed25519ph (RFC 8032, 5.1), with the nonce zero."""
        prefix = b"SigEd25519 no Ed25519 collisions" + bytes([flag, len(context)]) + context
        digest = hashlib.sha512(prefix + identity + public + text).digest()
        return identity + (int.from_bytes(digest, "little") * scalar % L).to_bytes(32, "little")

    text = message.encode()
    forms = [
        *(raw[:count] for count in range(64)),
        *(raw + bytes(count) for count in (1, 32, 50, 64)),
        *(b"\0" + raw, raw[32:] + raw[:32], raw[::-1], raw.hex().encode()),
        *(variant(0, b"", text), variant(0, b"JWT", text), variant(1, b"", hashlib.sha512(text).digest())),
        *(variant(1, b"", text), eddsa.key.sign(hashlib.sha512(text).digest()), eddsa.key.sign(text + b"\0")),
        *(new_key("EdDSA").sign(text), ed448.Ed448PrivateKey.generate().sign(text)),
    ]
    eddsa.assert_refuses((form, f"{message}.{forge.encode(form)}") for form in forms)
