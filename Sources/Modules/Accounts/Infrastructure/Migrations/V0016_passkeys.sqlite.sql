-- By which authenticators know a user.
ALTER TABLE users ADD COLUMN webauthn_handle BLOB;
CREATE UNIQUE INDEX users_webauthn_handle ON users (webauthn_handle) WHERE webauthn_handle IS NOT NULL;

CREATE TABLE passkeys (
    id BLOB PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    credential_id BLOB NOT NULL UNIQUE,
    -- In the form of COSE.
    public_key BLOB NOT NULL,
    algorithm INTEGER NOT NULL,
    rp_id TEXT NOT NULL,
    sign_count INTEGER NOT NULL,
    backup_eligible INTEGER NOT NULL,
    backed_up INTEGER NOT NULL,
    -- Words with a space between.
    transports TEXT NOT NULL,
    aaguid BLOB NOT NULL,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    suspended_at INTEGER
) STRICT;
CREATE INDEX passkeys_of_user ON passkeys (user_id, id);

CREATE TABLE webauthn_challenges (
    -- SHA-256 of the challenge, which is kept nowhere.
    challenge_hash BLOB PRIMARY KEY,
    purpose TEXT NOT NULL,
    user_id BLOB REFERENCES users (id) ON DELETE CASCADE,
    session_id BLOB,
    -- SHA-256 of the cookie of the browser that asked.
    browser BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT;
CREATE INDEX webauthn_challenges_user ON webauthn_challenges (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX webauthn_challenges_expiry ON webauthn_challenges (expires_at);
