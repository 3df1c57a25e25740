"""Passkeys: registration and sign-in, by an authenticator that the tests sign with themselves."""

import json

import pytest
import webauthn
from fido2.server import Fido2Server
from fido2.webauthn import AttestedCredentialData, PublicKeyCredentialRpEntity
from webauthn.helpers.exceptions import InvalidAuthenticationResponse

from support.authenticator import decode, encode
from support.recorded_ceremonies import FILE

RECORDED = json.loads(FILE.read_text())
ceremonies = pytest.mark.parametrize("ceremony", RECORDED["ceremonies"], ids=lambda ceremony: ceremony["name"])


@ceremonies
def test_webauthn_verifies_the_recorded_ceremonies(ceremony):
    expected = {"expected_rp_id": RECORDED["rp_id"], "expected_origin": RECORDED["origin"]}
    made = webauthn.verify_registration_response(
        credential=ceremony["registration"],
        expected_challenge=decode(ceremony["creation_challenge"]),
        require_user_verification=True,
        **expected,
    )
    check = {
        "expected_challenge": decode(ceremony["request_challenge"]),
        "credential_public_key": made.credential_public_key,
        "credential_current_sign_count": made.sign_count,
        "require_user_verification": True,
        **expected,
    }
    used = webauthn.verify_authentication_response(credential=ceremony["assertion"], **check)
    assert (used.new_sign_count, used.credential_backed_up) == (ceremony["sign_count"], ceremony["backed_up"])
    with pytest.raises(InvalidAuthenticationResponse):
        webauthn.verify_authentication_response(credential=flipped(ceremony["assertion"]), **check)


@ceremonies
def test_fido2_verifies_the_recorded_ceremonies(ceremony):
    server = Fido2Server(PublicKeyCredentialRpEntity(name="Gapura", id=RECORDED["rp_id"]))
    made = server.register_complete(state(ceremony["creation_challenge"]), ceremony["registration"])
    credential = AttestedCredentialData(made.credential_data)
    assert credential.public_key[3] == ceremony["algorithm"]
    asked = state(ceremony["request_challenge"])
    used = server.authenticate_complete(asked, [credential], ceremony["assertion"])
    assert used.credential_id == decode(ceremony["assertion"]["id"])
    with pytest.raises(Exception, match="(?i)signature|^$"):
        server.authenticate_complete(asked, [credential], flipped(ceremony["assertion"]))


def state(challenge):
    return {"challenge": challenge, "user_verification": "required"}


def flipped(assertion):
    """With another last byte of the signature."""
    signature = decode(assertion["response"]["signature"])
    changed = signature[:-1] + bytes([signature[-1] ^ 1])
    return assertion | {"response": assertion["response"] | {"signature": encode(changed)}}
