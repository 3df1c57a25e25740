-- Requests that were counted a moment ago, by the names that gateways gave them: the same name is counted once, and what
-- was counted can be given back.
CREATE TABLE counted_requests (
    service_id BLOB NOT NULL,
    request TEXT NOT NULL,
    -- By which key or address the gateway is known.
    gateway TEXT NOT NULL,
    -- Whose counters they are: the subjects, one after the other.
    drawer BLOB NOT NULL,
    amount INTEGER NOT NULL,
    -- The counters in which it was counted.
    holds TEXT NOT NULL,
    counted_at INTEGER NOT NULL,
    PRIMARY KEY (service_id, request, gateway)
) STRICT, WITHOUT ROWID;

CREATE INDEX counted_requests_time ON counted_requests (counted_at);
