-- Accounts at other companies by which people sign in. Of a provider's claims a short list is kept, of its tokens none.
CREATE TABLE identities (
    id BLOB PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    provider TEXT NOT NULL,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    email TEXT,
    email_trust TEXT NOT NULL,
    name TEXT,
    given_name TEXT,
    family_name TEXT,
    picture TEXT,
    locale TEXT,
    hosted_domain TEXT,
    tenant_id TEXT,
    linked_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    UNIQUE (provider, issuer, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX identities_user ON identities (user_id);

-- Callbacks that have come, with the answer that all of one flow get, sealed with the flow's secret.
CREATE TABLE social_flows (
    flow_hash BLOB PRIMARY KEY,
    state TEXT NOT NULL,
    result BLOB,
    owner_node TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    done_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX social_flows_created ON social_flows (created_at);

-- What apps fetch their tokens with. The session is the one that the code became.
CREATE TABLE app_codes (
    code_hash BLOB PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    identity_id BLOB NOT NULL,
    session_id BLOB,
    challenge BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    auth_time INTEGER NOT NULL,
    amr TEXT NOT NULL,
    acr TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX app_codes_user ON app_codes (user_id);
CREATE INDEX app_codes_expiry ON app_codes (expires_at);
