CREATE TABLE users (
    id uuid PRIMARY KEY,
    email text NOT NULL,
    email_key text NOT NULL UNIQUE,
    username text,
    password_hash text,
    is_active boolean NOT NULL,
    is_verified boolean NOT NULL,
    blocked_until timestamptz,
    block_reason text,
    locale text NOT NULL,
    provider text NOT NULL,
    registered_from text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE TABLE profiles (
    user_id uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    first_name text,
    last_name text,
    profile_img text
);

-- The right over the whole installation, until Access has roles.
CREATE TABLE platform_roles (
    user_id uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    role text NOT NULL CHECK (role IN ('admin'))
);

CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    generation bigint NOT NULL,
    branch bigint NOT NULL,
    user_agent text,
    address text,
    region text,
    created_at timestamptz NOT NULL,
    last_used timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    reason text
) WITH (fillfactor = 80); -- Room beside each row for its next version, which a refresh writes.

CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

-- Only the current token of a session and its parent; older ones are known by their tag.
CREATE TABLE refresh_tokens (
    jti uuid PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    token_hash bytea NOT NULL,
    generation bigint NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked boolean NOT NULL,
    revoked_at timestamptz,
    replaced_by_jti uuid
);

CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);

CREATE TABLE validation_tokens (
    id uuid PRIMARY KEY,
    user_id uuid REFERENCES users (id) ON DELETE CASCADE,
    purpose text NOT NULL,
    address text,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);

CREATE INDEX validation_tokens_user ON validation_tokens (user_id, purpose, created_at);
CREATE INDEX validation_tokens_expiry ON validation_tokens (expires_at);

CREATE TABLE signing_keys (
    kid text PRIMARY KEY,
    algorithm text NOT NULL,
    -- Encrypted by the master key, bound to the kid.
    private_key bytea NOT NULL,
    not_before timestamptz NOT NULL,
    retired_at timestamptz
);
