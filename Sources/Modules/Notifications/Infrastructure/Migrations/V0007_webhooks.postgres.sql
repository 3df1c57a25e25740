-- Where other systems hear of events, and what became of each event there.
CREATE TABLE webhook_endpoints (
    id uuid PRIMARY KEY,
    url text NOT NULL,
    description text NOT NULL,
    event_types jsonb NOT NULL,
    is_ordered boolean NOT NULL,
    owner_id uuid,
    secret bytea NOT NULL,
    older_secret bytea,
    older_secret_until timestamptz,
    disabled text CHECK (disabled IN ('staff', 'failing', 'gone')),
    failing_since timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE INDEX webhook_endpoints_owner ON webhook_endpoints (owner_id);

CREATE TABLE webhook_deliveries (
    id uuid PRIMARY KEY,
    endpoint_id uuid NOT NULL REFERENCES webhook_endpoints (id) ON DELETE CASCADE,
    event_id uuid NOT NULL,
    event_type text NOT NULL,
    subject uuid NOT NULL,
    body text NOT NULL,
    round bigint NOT NULL,
    state text NOT NULL CHECK (state IN ('pending', 'delivered', 'failed')),
    attempts bigint NOT NULL,
    next_attempt_at timestamptz NOT NULL,
    status bigint,
    error text,
    answer text,
    attempt_started_at timestamptz,
    attempt_ended_at timestamptz,
    created_at timestamptz NOT NULL,
    ended_at timestamptz
);

CREATE INDEX webhook_deliveries_of_endpoint ON webhook_deliveries (endpoint_id, id);
CREATE INDEX webhook_deliveries_made ON webhook_deliveries (endpoint_id, created_at);
CREATE INDEX webhook_deliveries_pending ON webhook_deliveries (endpoint_id, id) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_done ON webhook_deliveries (created_at) WHERE state <> 'pending';
CREATE INDEX webhook_deliveries_subject ON webhook_deliveries (subject) WHERE state <> 'pending';
