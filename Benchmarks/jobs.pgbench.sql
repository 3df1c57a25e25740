-- The statements of up to 1,000 no-op jobs, for pgbench: one claim and one completion, a commit each, as a worker of
-- Gapura makes them of many short jobs. `worker` is a row of job_workers. Each client has a queue of its own, as
-- Benchmarks/gapura_bench/delivery.py fills them.
WITH chosen AS MATERIALIZED (
    SELECT number FROM jobs
    WHERE queue = 'noop' || :client_id AND state = 'available' AND due_at <= now() AND kind IN ('probe.noop')
        AND EXISTS (SELECT 1 FROM job_workers AS own WHERE own.id = :worker::uuid AND own.lease_until > now())
        AND NOT EXISTS (
            SELECT 1 FROM job_queues AS own WHERE own.name = 'noop' || :client_id AND own.paused_at IS NOT NULL)
    ORDER BY priority, due_at, number LIMIT 1000 FOR UPDATE SKIP LOCKED),
claimed AS (
    UPDATE jobs SET state = 'running', worker = :worker::uuid, attempts = attempts + 1, fence = fence + 1,
        attempted_at = now()
    WHERE number IN (SELECT number FROM chosen)
    RETURNING number, id, kind, version, arguments, attempts, attempts_max, fence, tick, priority, due_at)
SELECT coalesce(jsonb_agg(jsonb_build_array(number, fence)), '[]') AS claims FROM claimed \gset
UPDATE jobs SET state = 'completed', worker = NULL, finished_at = now(),
    unique_key = CASE WHEN unique_until IS NULL THEN NULL ELSE unique_key END
FROM (SELECT (value->>0)::bigint AS own_number, (value->>1)::bigint AS own_fence
    FROM jsonb_array_elements(':claims'::jsonb)) AS own
WHERE number = own_number AND fence = own_fence AND state = 'running';
