-- Events are shared out among the processes that relay, by their subject.
ALTER TABLE outbox ADD COLUMN partition smallint NOT NULL DEFAULT 0;

-- Who relays a partition, and until when nobody else does. The fence counts its takings: who had it before is told by it.
CREATE TABLE outbox_leases (
    partition smallint PRIMARY KEY,
    owner uuid NOT NULL,
    fence bigint NOT NULL,
    lease_until timestamptz NOT NULL
);
