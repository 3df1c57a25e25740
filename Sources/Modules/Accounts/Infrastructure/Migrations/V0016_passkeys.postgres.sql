-- By which authenticators know a user.
ALTER TABLE users ADD COLUMN webauthn_handle bytea;
CREATE UNIQUE INDEX users_webauthn_handle ON users (webauthn_handle) WHERE webauthn_handle IS NOT NULL;

CREATE TABLE passkeys (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    credential_id bytea NOT NULL UNIQUE,
    -- In the form of COSE.
    public_key bytea NOT NULL,
    algorithm bigint NOT NULL,
    rp_id text NOT NULL,
    sign_count bigint NOT NULL,
    backup_eligible boolean NOT NULL,
    backed_up boolean NOT NULL,
    -- Words with a space between.
    transports text NOT NULL,
    aaguid bytea NOT NULL,
    name text NOT NULL,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz,
    suspended_at timestamptz
);
CREATE INDEX passkeys_of_user ON passkeys (user_id, id);

CREATE TABLE webauthn_challenges (
    -- SHA-256 of the challenge, which is kept nowhere.
    challenge_hash bytea PRIMARY KEY,
    purpose text NOT NULL,
    user_id uuid REFERENCES users (id) ON DELETE CASCADE,
    session_id uuid,
    -- SHA-256 of the cookie of the browser that asked.
    browser bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX webauthn_challenges_user ON webauthn_challenges (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX webauthn_challenges_expiry ON webauthn_challenges (expires_at);
