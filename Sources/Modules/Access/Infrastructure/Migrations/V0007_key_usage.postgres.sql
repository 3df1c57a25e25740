-- How much each key has used, by day: beside the counters, and no limit. Written about once a second.
CREATE TABLE key_usage (
    key_id uuid NOT NULL,
    day timestamptz NOT NULL,
    used bigint NOT NULL,
    PRIMARY KEY (key_id, day)
) WITH (fillfactor = 70); -- Room beside each row for its next version.

CREATE INDEX key_usage_day ON key_usage (day);
