-- Events are shared out among the processes that relay, by their subject.
ALTER TABLE outbox ADD COLUMN partition INTEGER NOT NULL DEFAULT 0;

-- Who relays a partition, and until when nobody else does. The fence counts its takings: who had it before is told by it.
CREATE TABLE outbox_leases (
    partition INTEGER PRIMARY KEY,
    owner BLOB NOT NULL,
    fence INTEGER NOT NULL,
    lease_until INTEGER NOT NULL
) STRICT;
