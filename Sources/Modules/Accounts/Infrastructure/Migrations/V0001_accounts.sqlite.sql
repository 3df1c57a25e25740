CREATE TABLE users (
    id BLOB PRIMARY KEY,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL UNIQUE,
    username TEXT,
    password_hash TEXT,
    is_active INTEGER NOT NULL,
    is_verified INTEGER NOT NULL,
    blocked_until INTEGER,
    block_reason TEXT,
    locale TEXT NOT NULL,
    provider TEXT NOT NULL,
    registered_from TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE profiles (
    user_id BLOB PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    first_name TEXT,
    last_name TEXT,
    profile_img TEXT
) STRICT, WITHOUT ROWID;

-- The right over the whole installation, until Access has roles.
CREATE TABLE platform_roles (
    user_id BLOB PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    role TEXT NOT NULL CHECK (role IN ('admin'))
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    id BLOB PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    generation INTEGER NOT NULL,
    branch INTEGER NOT NULL,
    user_agent TEXT,
    address TEXT,
    region TEXT,
    created_at INTEGER NOT NULL,
    last_used INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER,
    reason TEXT
) STRICT;

CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

-- Only the current token of a session and its parent; older ones are known by their tag.
CREATE TABLE refresh_tokens (
    jti BLOB PRIMARY KEY,
    session_id BLOB NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    token_hash BLOB NOT NULL,
    generation INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked INTEGER NOT NULL,
    revoked_at INTEGER,
    replaced_by_jti BLOB
) STRICT;

CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);

CREATE TABLE validation_tokens (
    id BLOB PRIMARY KEY,
    user_id BLOB REFERENCES users (id) ON DELETE CASCADE,
    purpose TEXT NOT NULL,
    address TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT;

CREATE INDEX validation_tokens_user ON validation_tokens (user_id, purpose, created_at);
CREATE INDEX validation_tokens_expiry ON validation_tokens (expires_at);

CREATE TABLE signing_keys (
    kid TEXT PRIMARY KEY,
    algorithm TEXT NOT NULL,
    -- Encrypted by the master key, bound to the kid.
    private_key BLOB NOT NULL,
    not_before INTEGER NOT NULL,
    retired_at INTEGER
) STRICT;
