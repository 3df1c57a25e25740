-- Facts about this installation, such as the environment that it was made in.
CREATE TABLE installation (
    name text PRIMARY KEY,
    value text NOT NULL
);
