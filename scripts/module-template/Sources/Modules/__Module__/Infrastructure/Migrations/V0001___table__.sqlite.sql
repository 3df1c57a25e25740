CREATE TABLE __table__ (
    id BLOB PRIMARY KEY,
    title TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
) STRICT;
