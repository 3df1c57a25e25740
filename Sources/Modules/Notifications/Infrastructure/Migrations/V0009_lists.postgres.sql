-- Deliveries that were given up: few among many, in the order of their list.
CREATE INDEX webhook_deliveries_failed ON webhook_deliveries (endpoint_id, id) WHERE state = 'failed';
