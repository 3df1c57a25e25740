CREATE TABLE __table__ (
    id uuid PRIMARY KEY,
    title text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL
);
