// Gapura as a container behind the Worker: with a stand-in for the container that the platform gives.

import assert from "node:assert/strict";
import { register } from "node:module";
import { test } from "node:test";

const base = "export class DurableObject { constructor(ctx, env) { Object.assign(this, { ctx, env }); } }";
const platform = `data:text/javascript,${encodeURIComponent(base)}`;
const resolver = `export const resolve = (name, context, next) =>
  name === "cloudflare:workers" ? { url: ${JSON.stringify(platform)}, shortCircuit: true } : next(name, context);`;
register(`data:text/javascript,${encodeURIComponent(resolver)}`);
const { default: worker, GapuraContainer } = await import("../../deploy/edge/src/with-container.js");

const SECRETS = { DATABASE_URL: "postgres://gapura@db.example.com/gapura", MASTER_KEY: "key" };
const WORKER = {
  GAPURA_URL: "http://gapura", GAPURA_ISSUER: "https://id.example.com", GAPURA_GATEWAY_KEY: "gpk_gateway",
  ROUTES: JSON.stringify({ "id.example.com": { gapura: true } }),
};

/** - triesUntilReady: how often it is asked before it is ready; Infinity: it ends by itself. */
function machine(env, triesUntilReady = 3) {
  const starts = [];
  let tries = 0;
  const container = {
    running: false,
    start(options) {
      [container.running, tries] = [true, 0];
      starts.push(options);
    },
    getTcpPort: (port) => ({
      async fetch(input) {
        const request = new Request(input);
        if (!container.running) throw new Error("the container is not running");
        if (new URL(request.url).pathname !== "/health/ready") return new Response(`page at ${port}`);
        tries += 1;
        if (triesUntilReady === Infinity) container.running = false;
        return new Response(null, { status: tries < triesUntilReady ? 503 : 200 });
      },
    }),
  };
  const state = { container, blockConcurrencyWhile: (body) => (state.blocked = body()) };
  const object = new GapuraContainer(state, env);
  return { object, container, starts, blocked: state.blocked };
}

test("the container starts with the settings of the Worker, and is asked when it is ready", async () => {
  const env = { ...WORKER, ...SECRETS, SMTP_HOST: "mail.example.com", TRUSTED_PROXIES: "10.0.0.1", GAPURA: {} };
  const { object, starts } = machine(env);
  assert.equal(await (await object.fetch(new Request("http://gapura/login"))).text(), "page at 8080");
  assert.deepEqual(starts, [{
    enableInternet: true,
    env: { ...SECRETS, APP_URL: "https://id.example.com", SMTP_HOST: "mail.example.com", TRUSTED_PROXIES: "10.0.0.1" },
  }]);
});

test("after its end the container is started once again, and everybody waits until it is ready", async () => {
  const { object, container, starts } = machine({ ...WORKER, ...SECRETS });
  await object.fetch(new Request("http://gapura/login"));
  container.running = false;
  const answers = await Promise.all([1, 2, 3].map(() => object.fetch(new Request("http://gapura/login"))));
  assert.deepEqual(answers.map((answer) => answer.status), [200, 200, 200]);
  assert.equal(starts.length, 2);
});

test("without its database, its key or its address it is not started, and the gate stays closed", async () => {
  for (const name of ["DATABASE_URL", "MASTER_KEY", "GAPURA_ISSUER"]) {
    const { object, starts, blocked } = machine({ ...WORKER, ...SECRETS, [name]: undefined });
    await assert.rejects(blocked, new RegExp(name));
    const env = { ...WORKER, GAPURA: { getByName: () => object } };
    const request = new Request("https://id.example.com/login", { headers: { "CF-Connecting-IP": "203.0.113.7" } });
    assert.equal((await worker.fetch(request, env)).status, 503);
    assert.equal(starts.length, 0);
  }
});

test("one that ends at its start is an outage, and is tried again with the next request", async () => {
  const { object, starts, blocked } = machine({ ...WORKER, ...SECRETS }, Infinity);
  await assert.rejects(blocked, /ended/);
  await assert.rejects(object.fetch(new Request("http://gapura/login")), /ended/);
  assert.equal(starts.length, 2);
});
