-- Requests that were counted a moment ago, by the names that gateways gave them: the same name is counted once, and what
-- was counted can be given back.
CREATE TABLE counted_requests (
    service_id uuid NOT NULL,
    request text NOT NULL,
    -- By which key or address the gateway is known.
    gateway text NOT NULL,
    -- Whose counters they are: the subjects, one after the other.
    drawer bytea NOT NULL,
    amount bigint NOT NULL,
    -- The counters in which it was counted.
    holds jsonb NOT NULL,
    counted_at timestamptz NOT NULL,
    PRIMARY KEY (service_id, request, gateway)
);

CREATE INDEX counted_requests_time ON counted_requests (counted_at);
