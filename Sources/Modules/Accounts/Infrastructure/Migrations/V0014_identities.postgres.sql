-- Accounts at other companies by which people sign in. Of a provider's claims a short list is kept, of its tokens none.
CREATE TABLE identities (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    provider text NOT NULL,
    issuer text NOT NULL,
    subject text NOT NULL,
    email text,
    email_trust text NOT NULL,
    name text,
    given_name text,
    family_name text,
    picture text,
    locale text,
    hosted_domain text,
    tenant_id text,
    linked_at timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,
    UNIQUE (provider, issuer, subject)
);
CREATE INDEX identities_user ON identities (user_id);

-- Callbacks that have come, with the answer that all of one flow get, sealed with the flow's secret.
CREATE TABLE social_flows (
    flow_hash bytea PRIMARY KEY,
    state text NOT NULL,
    result bytea,
    owner_node text NOT NULL,
    created_at timestamptz NOT NULL,
    done_at timestamptz
);
CREATE INDEX social_flows_created ON social_flows (created_at);

-- What apps fetch their tokens with. The session is the one that the code became.
CREATE TABLE app_codes (
    code_hash bytea PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    identity_id uuid NOT NULL,
    session_id uuid,
    challenge bytea NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    auth_time timestamptz NOT NULL,
    amr text NOT NULL,
    acr text NOT NULL
);
CREATE INDEX app_codes_user ON app_codes (user_id);
CREATE INDEX app_codes_expiry ON app_codes (expires_at);
