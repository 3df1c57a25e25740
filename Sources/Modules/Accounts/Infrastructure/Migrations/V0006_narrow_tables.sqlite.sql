-- Sessions and links in the tree of their key alone, so that each is found and written once.
CREATE TABLE narrow_sessions (
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
) STRICT, WITHOUT ROWID;

INSERT INTO narrow_sessions
SELECT id, user_id, generation, branch, user_agent, address, region, created_at, last_used, expires_at, revoked_at,
    reason
FROM sessions;

-- A session's tokens side by side in the order in which they were made: the current one and its parent are found by
-- their generation, however many were spent a moment ago. Made before the old sessions go, which take theirs along.
CREATE TABLE tokens_of_narrow_sessions (
    session_id BLOB NOT NULL REFERENCES narrow_sessions (id) ON DELETE CASCADE,
    generation INTEGER NOT NULL,
    jti BLOB NOT NULL,
    token_hash BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked INTEGER NOT NULL,
    revoked_at INTEGER,
    replaced_by_jti BLOB,
    PRIMARY KEY (session_id, generation, jti)
) STRICT, WITHOUT ROWID;

INSERT INTO tokens_of_narrow_sessions
SELECT session_id, generation, jti, token_hash, created_at, expires_at, revoked, revoked_at, replaced_by_jti
FROM refresh_tokens;

DROP TABLE refresh_tokens;
DROP TABLE sessions;
ALTER TABLE narrow_sessions RENAME TO sessions;
ALTER TABLE tokens_of_narrow_sessions RENAME TO refresh_tokens;

CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);
CREATE INDEX sessions_revoked ON sessions (revoked_at) WHERE revoked_at IS NOT NULL;

CREATE TABLE narrow_validation_tokens (
    id BLOB PRIMARY KEY,
    user_id BLOB REFERENCES users (id) ON DELETE CASCADE,
    purpose TEXT NOT NULL,
    address TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT, WITHOUT ROWID;

INSERT INTO narrow_validation_tokens
SELECT id, user_id, purpose, address, created_at, expires_at, used_at FROM validation_tokens;

DROP TABLE validation_tokens;
ALTER TABLE narrow_validation_tokens RENAME TO validation_tokens;

CREATE INDEX validation_tokens_user ON validation_tokens (user_id, purpose, created_at);
CREATE INDEX validation_tokens_expiry ON validation_tokens (expires_at);
