"""The recorded ceremonies of passkeys, which the unit tests verify, and in test_passkeys.py what others wrote.

    cd Tests/EndToEnd && python -m support.recorded_ceremonies      makes them again
"""

import json
import os
import pathlib

from support.authenticator import EDDSA, ES256, RS256, Authenticator, encode

FILE = pathlib.Path(__file__).parents[2] / "Unit/WebAuthnTests/Fixtures/ceremonies.json"
RP_ID, ORIGIN = "id.example.com", "https://id.example.com"


def record(name, authenticator, fmt="none", extensions=None):
    challenges = [encode(os.urandom(32)) for _ in range(2)]
    creation = {"challenge": challenges[0], "rp": {"id": RP_ID}, "user": {"id": encode(os.urandom(32))}}
    registration = authenticator.create(creation, ORIGIN, fmt=fmt, extensions=extensions)
    request = {"challenge": challenges[1], "rpId": RP_ID}
    assertion = authenticator.get(request, ORIGIN, extensions=extensions)
    return {
        "name": name,
        "algorithm": authenticator.algorithm,
        "backed_up": authenticator.synced,
        "sign_count": authenticator.count,
        "creation_challenge": challenges[0],
        "registration": registration,
        "request_challenge": challenges[1],
        "assertion": assertion,
    }


def main():
    ceremonies = [
        record("es256", Authenticator(ES256)),
        record("es256 synced", Authenticator(ES256, synced=True)),
        record("es256 with extensions", Authenticator(ES256), extensions={"credProtect": 2}),
        record("es256 with a packed statement", Authenticator(ES256), fmt="packed"),
        record("ed25519", Authenticator(EDDSA)),
        record("rs256", Authenticator(RS256)),
        record("rs256 of 4,096 bits", Authenticator(RS256, key_bits=4096)),
    ]
    FILE.write_text(json.dumps({"rp_id": RP_ID, "origin": ORIGIN, "ceremonies": ceremonies}, indent=1) + "\n")


if __name__ == "__main__":
    main()
