// The Worker with the platform's own Request and Response, and stand-ins for Gapura and the service behind `fetch`.
// The upgrade to a WebSocket cannot be run here: a Response of 101 exists on the platform alone.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import worker from "../../deploy/edge/src/worker.js";
import { forgetKeys } from "../../deploy/edge/src/tokens.js";

const ISSUER = "https://id.example.com";
const ENV = {
  GAPURA_URL: "https://gapura.internal.example.com",
  GAPURA_ISSUER: ISSUER,
  GAPURA_GATEWAY_KEY: "gpk_gateway",
  ROUTES: JSON.stringify({
    "cv.example.com": { service: "cvmaker", origin: "https://cv-origin.example.com", origins: ["https://app.example.com"] },
    "api.example.com": { service: "api", origin: "https://api-origin.example.com", credentials: true, preflights: "pass" },
    "id.example.com": { gapura: true },
  }),
};
const IDENTITY = {
  "X-User-Id": "7", "X-Tenant-Id": "-", "X-Roles": "-", "X-Plan": "free", "X-Caller-Kind": "user", "X-User-Email": "-",
  "X-Gapura-Identity": "a.b.c", "RateLimit": '"service-day";r=9;t=60', "RateLimit-Policy": '"service-day";q=10;w=86400',
};

let asked, served, looked, gapura, service, keys;
const [realFetch, realNow] = [globalThis.fetch, Date.now];

beforeEach(() => {
  [asked, served, looked] = [[], [], []];
  gapura = () => new Response(null, { status: 200, headers: IDENTITY });
  service = () => new Response("ok", { headers: { "Content-Type": "text/plain" } });
  keys = () => Response.json({ keys: [] });
  forgetKeys();
  globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    if (url.pathname === "/.well-known/jwks.json") {
      looked.push(request);
      return keys(request);
    }
    if (url.host === "gapura.internal.example.com") {
      asked.push(request);
      return gapura(request);
    }
    served.push(request);
    return service(request);
  };
});
afterEach(() => {
  [globalThis.fetch, Date.now] = [realFetch, realNow];
});

/** Moves the clock. */
function wait(ms) {
  const now = Date.now() + ms;
  Date.now = () => now;
}

function send(path = "/", { method = "GET", host = "cv.example.com", env = ENV, body, ...headers } = {}) {
  return worker.fetch(
    new Request(`https://${host}${path}`, {
      method, body, headers: { "CF-Connecting-IP": "203.0.113.7", ...headers.headers },
    }),
    env,
  );
}

async function refused(response, status, code) {
  assert.equal(response.status, status);
  assert.equal(response.headers.get("Content-Type"), "application/problem+json");
  const document = await response.json();
  assert.equal(document.code, code);
  assert.equal(document.status, status);
  assert.equal(served.length, 0, "nothing reached the service");
}

test("what Gapura lets pass reaches the service with its identity and the client with its limits", async () => {
  const response = await send("/cv/7?a=1");
  assert.equal(response.status, 200);
  assert.equal(await response.text(), "ok");
  assert.equal(response.headers.get("RateLimit"), IDENTITY["RateLimit"]);
  assert.equal(served[0].url, "https://cv-origin.example.com/cv/7?a=1");
  for (const name of Object.keys(IDENTITY).filter((name) => name.startsWith("X-"))) {
    assert.equal(served[0].headers.get(name), IDENTITY[name]);
  }
});

test("Gapura is asked with the gateway's key about the path and method that the service gets", async () => {
  for (const [sent, path] of [["/a/../b?x=%2F", "/b?x=%2F"], ["/a/%2e%2e/b", "/b"], ["/a\\b", "/a/b"], ["/a%2fb", "/a%2fb"], ["//x", "//x"]]) {
    await send(sent, { method: "POST", body: "{}" });
    const [question, request] = [asked.at(-1), served.at(-1)];
    assert.equal(new URL(question.url).pathname, "/access/forward/cvmaker");
    assert.equal(question.headers.get("X-Gapura-Gateway"), "gpk_gateway");
    assert.equal(question.headers.get("X-Forwarded-Uri"), path);
    assert.equal(question.headers.get("X-Forwarded-Method"), "POST");
    assert.equal(request.url, `https://cv-origin.example.com${path}`);
    assert.equal(request.method, "POST");
    assert.equal(await request.text(), "{}");
  }
});

const FORGED = {
  "X-User-Id": "root", "X.User.Id": "root", "X_User_Id": "root", "X-User_Id": "root", "X-Roles": "admin", "X-Plan": "enterprise",
  "X-Gapura-Identity": "e.e.e", "X-Gapura-Gateway": "gpk_mine", "X-Gapura-Request": "chosen-by-client", "X-Tenant-Id": "t",
  "SCRIPT_NAME": "/pub", "PATH_INFO": "/admin", "X-Script-Name": "/pub", "X-Original-Url": "/admin", "X-Original-Path": "/admin",
  "X-Rewrite-Url": "/admin", "X-Override-Url": "/admin", "X-Forwarded-Uri": "/pub", "X-Forwarded-Method": "GET",
  "X-Forwarded-Prefix": "/pub", "X-Http-Method-Override": "DELETE", "X-Method-Override": "DELETE", "Forwarded": "for=10.0.0.1",
  "X-Forwarded-For": "10.0.0.1", "X-Real-Ip": "10.0.0.1", "True-Client-Ip": "10.0.0.1", "Client-Ip": "10.0.0.1",
  "Remote-User": "root", "X-Remote-User": "root", "X-Forwarded-Email": "boss@example.com", "X-Webauth-User": "root",
  "X-Request-Id": "chosen-by-client",
};

test("a client has no say in who it is, from where it comes, or which path is meant", async () => {
  await send("/a", { headers: FORGED });
  const seen = Object.fromEntries(served[0].headers);
  for (const [name, value] of Object.entries(FORGED)) {
    const other = seen[name.toLowerCase()];
    assert.ok(other === undefined || !other.includes(value), `${name}: ${other}`);
  }
  assert.equal(seen["x-user-id"], "7");
  assert.equal(seen["x-forwarded-for"], "203.0.113.7");
  const told = Object.fromEntries(asked[0].headers);
  assert.equal(told["x-forwarded-uri"], "/a");
  assert.equal(told["x-forwarded-for"], "203.0.113.7");
  assert.equal(told["x-gapura-gateway"], "gpk_gateway");
  assert.notEqual(told["x-gapura-request"], "chosen-by-client");
});

test("names in Connection take nothing away and reach nobody", async () => {
  const connection = ["close", ...Object.keys(IDENTITY), "Origin", "Sec-Fetch-Site", "X-Own"].join(", ");
  await send("/a", { headers: { Connection: connection, Origin: "https://evil.example", "Sec-Fetch-Site": "cross-site", "X-Own": "1" } });
  assert.equal(asked[0].headers.get("Origin"), "https://evil.example");
  assert.equal(asked[0].headers.get("Sec-Fetch-Site"), "cross-site");
  assert.equal(served[0].headers.get("X-User-Id"), "7");
  assert.equal(served[0].headers.get("X-Gapura-Identity"), "a.b.c");
  assert.equal(served[0].headers.get("Connection"), null);
});

test("each request has a name of its own, so that it is counted, and counted once", async () => {
  await send("/a");
  await send("/a");
  const names = asked.map((question) => question.headers.get("X-Gapura-Request"));
  assert.equal(asked.length, 2);
  assert.notEqual(names[0], names[1]);
});

test("a method in another case than its own is refused unasked", async () => {
  for (const method of ["Patch", "patch", "PURge"]) await refused(await send("/a", { method }), 403, "ambiguous_request");
  assert.equal(asked.length, 0);
});

const OWN_COOKIES = [
  "gapura_session", "gapura_visitor", "refresh_token", "__Host-gapura_session", "__Secure-gapura_session", "gapura_Device2",
];

test("the caller's credential and Gapura's cookies stay here", async () => {
  const headers = { Authorization: "Bearer gpk_user", "X-Api-Key": "gpk_user", Cookie: OWN_COOKIES.map((name) => `${name}=x`).join("; ") + "; a=1;b=2; gapura=c; my_refresh_token=d" };
  await send("/a", { headers });
  assert.equal(asked[0].headers.get("Authorization"), "Bearer gpk_user");
  assert.equal(asked[0].headers.get("Cookie"), headers.Cookie);
  assert.equal(served[0].headers.get("Authorization"), null);
  assert.equal(served[0].headers.get("X-Api-Key"), null);
  assert.equal(served[0].headers.get("Cookie").replaceAll(" ", ""), "a=1;b=2;gapura=c;my_refresh_token=d");
  await send("/a", { host: "api.example.com", headers });
  assert.equal(served[1].headers.get("Authorization"), "Bearer gpk_user");
  await send("/a", { headers: { Cookie: "gapura_session=s" } });
  assert.equal(served[2].headers.get("Cookie"), null);
});

test("a service cannot sign its visitors in or out", async () => {
  service = () => {
    const response = new Response("ok");
    for (const name of OWN_COOKIES) response.headers.append("Set-Cookie", `${name}=evil; Path=/`);
    // What a browser sends back as `gapura_session=evil`.
    for (const cookie of ["=gapura_session=evil", " = gapura_session=evil", "gapura_session =evil", "gapura_session", "own=gapura_session=1"]) {
      response.headers.append("Set-Cookie", cookie);
    }
    return response;
  };
  gapura = () => new Response(null, { status: 200, headers: { ...IDENTITY, "Set-Cookie": "gapura_visitor=v; HttpOnly" } });
  const response = await send("/a");
  assert.deepEqual(response.headers.getSetCookie(), ["own=gapura_session=1", "gapura_visitor=v; HttpOnly"]);
});

test("a refusal is told as Gapura words it, with when to come back", async () => {
  for (const [status, code] of [[401, "missing_credential"], [402, "payment_due"], [403, "not_in_plan"], [429, "quota_exhausted"]]) {
    gapura = () =>
      Response.json({ code, status }, {
        status, headers: { "Content-Type": "application/problem+json", "Retry-After": "60", "RateLimit": "r", "WWW-Authenticate": "Bearer", "X-Gapura-Identity": "a.b.c" },
      });
    const response = await send("/a");
    await refused(response, status, code);
    assert.equal(response.headers.get("Retry-After"), "60");
    assert.equal(response.headers.get("X-Gapura-Identity"), null);
    assert.equal(response.headers.get("Cache-Control"), "no-store");
  }
});

test("what Gapura cannot read is the client's fault, and not worth another try", async () => {
  for (const [status, told, code] of [[400, 400, "bad_request"], [414, 431, "headers_too_large"], [431, 431, "headers_too_large"]]) {
    gapura = () => new Response("<html>", { status, headers: { "Content-Type": "text/html" } });
    const response = await send("/a");
    await refused(response, told, code);
    assert.equal(response.headers.get("Retry-After"), null);
  }
});

const NO_ANSWERS = {
  "does not answer": () => { throw new TypeError("fetch failed"); },
  "is not well": () => new Response("oh", { status: 500 }),
  "is not available": () => new Response("oh", { status: 503 }),
  "leads elsewhere": () => new Response(null, { status: 302, headers: { Location: "https://evil.example/" } }),
  "is another page that says 200": () => new Response("welcome", { status: 200 }),
  "says 200 with half an identity": () => new Response(null, { status: 200, headers: { "X-Gapura-Identity": "-" } }),
  "says 204": () => new Response(null, { status: 204, headers: IDENTITY }),
  "is not found": () => new Response("no", { status: 404 }),
};
for (const [name, answer] of Object.entries(NO_ANSWERS)) {
  test(`the gate is closed when Gapura ${name}`, async () => {
    gapura = answer;
    const response = await send("/a");
    assert.equal(response.headers.get("Retry-After"), "1");
    await refused(response, 503, "unavailable");
  });
}

test("the gate is closed when Gapura is slow, and says so within five seconds", async () => {
  const timeout = AbortSignal.timeout;
  const waits = [];
  // The timer of a time-out alone keeps no process alive.
  const alive = setInterval(() => {}, 1000);
  // A thousandth of the time, so that the test does not take as long.
  AbortSignal.timeout = (ms) => (waits.push(ms), timeout(ms / 1000));
  try {
    gapura = ({ signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    await refused(await send("/a"), 503, "unavailable");
    assert.deepEqual(waits, [5000]);
  } finally {
    AbortSignal.timeout = timeout;
    clearInterval(alive);
  }
});

test("a service that is down is a bad gateway, and no word of the gate's", async () => {
  service = () => { throw new TypeError("fetch failed"); };
  const response = await send("/a");
  assert.equal(response.status, 502);
  assert.equal((await response.json()).code, "bad_gateway");
  assert.equal(response.headers.get("Retry-After"), null);
  const preflight = { Origin: "https://app.example.com", "Access-Control-Request-Method": "PUT" };
  assert.equal((await send("/a", { method: "OPTIONS", host: "api.example.com", headers: preflight })).status, 502);
});

test("the platform keeps no decision, no key and no answer for another caller", async () => {
  await bearing(await (await signer()).sign());
  await send("/report.pdf");
  await send("/logo.png", { host: "id.example.com" });
  assert.deepEqual([asked.length, served.length, looked.length], [2, 1, 1]);
  for (const request of [...asked, ...served, ...looked]) assert.equal(request.cache, "no-store", request.url);
});

test("a configuration that is not whole closes the gate", async () => {
  for (const name of ["GAPURA_URL", "GAPURA_GATEWAY_KEY", "ROUTES"]) {
    await refused(await send("/a", { env: { ...ENV, [name]: undefined } }), 503, "unavailable");
  }
  for (const ROUTES of ["{", '{"cv.example.com": {"origin": "https://a.example"}}', '{"cv.example.com": {"service": "a/b", "origin": "https://a.example"}}', '{"cv.example.com": {"service": "a", "origin": "https://a.example/path"}}']) {
    await refused(await send("/a", { env: { ...ENV, ROUTES } }), 503, "unavailable");
  }
});

test("without the platform's word for the visitor's address nothing passes", async () => {
  const response = await worker.fetch(new Request("https://cv.example.com/a", { headers: { "X-Forwarded-For": "203.0.113.9" } }), ENV);
  await refused(response, 503, "unavailable");
});

test("a host without a route is nobody's", async () => {
  for (const host of ["evil.example.com", "constructor", "__proto__"]) await refused(await send("/a", { host }), 404, "not_found");
  assert.equal(asked.length, 0);
});

test("a redirect of the service is the client's to follow", async () => {
  service = () => new Response(null, { status: 302, headers: { Location: "/admin" } });
  const response = await send("/a");
  assert.equal(response.status, 302);
  assert.equal(served.length, 1);
});

test("a preflight passes unasked only where that is wanted, without a credential or an identity", async () => {
  const headers = { Origin: "https://app.example.com", "Access-Control-Request-Method": "PUT", "X-User-Id": "root", Cookie: "gapura_session=s" };
  await send("/a", { method: "OPTIONS", host: "api.example.com", headers: { ...headers, "X-Gapura-Identity": "e.e.e" } });
  assert.equal(asked.length, 0);
  assert.equal(served[0].headers.get("X-User-Id"), null);
  assert.equal(served[0].headers.get("X-Gapura-Identity"), null);
  await send("/a", { method: "OPTIONS", headers });
  assert.equal(asked.length, 1);
  const { Origin, ...half } = headers;
  await send("/a", { method: "OPTIONS", host: "api.example.com", headers: half });
  await send("/a", { method: "GET", host: "api.example.com", headers });
  assert.equal(asked.length, 3);
});

test("a WebSocket with a cookie opens only from where it may", async () => {
  const socket = { Upgrade: "websocket", Connection: "Upgrade", Cookie: "gapura_session=s" };
  for (const Origin of ["https://evil.example", "https://bad.example.com", "null", "http://cv.example.com", "https://cv.example.com:8443"]) {
    await refused(await send("/ws", { headers: { ...socket, Origin } }), 403, "origin_not_allowed");
  }
  await refused(await send("/ws", { headers: socket }), 403, "origin_not_allowed");
  assert.equal(asked.length, 0);
  for (const Origin of ["https://cv.example.com", "https://app.example.com"]) await send("/ws", { headers: { ...socket, Origin } });
  assert.equal(asked.length, 2);
  assert.equal(asked[0].headers.get("Sec-Fetch-Mode"), "websocket");
  assert.equal(asked[0].headers.get("Upgrade"), null);
  assert.equal(served[0].headers.get("Upgrade"), "websocket");
});

test("no other protocol than a WebSocket is switched to", async () => {
  for (const Upgrade of ["h2c", "TLS/1.0", "websocket, h2c"]) {
    await send("/a", { headers: { Upgrade, Connection: "Upgrade" } });
    assert.equal(served.at(-1).headers.get("Upgrade"), null);
  }
});

test("Gapura's own host passes to it without the doors that are for gateways, operators and developers", async () => {
  gapura = () => new Response("page");
  const open = ["/login", "/access/check", "/developers", "/accessories"];
  for (const path of open) assert.equal((await send(path, { host: "id.example.com", headers: { "X-Forwarded-For": "10.0.0.1" } })).status, 200);
  assert.deepEqual(asked.map((request) => new URL(request.url).pathname), open);
  assert.equal(asked[0].headers.get("X-Forwarded-For"), "203.0.113.7");
  for (const path of ["/access/forward/cvmaker", "/access/%66orward/x", "/ACCESS/forward/x", "//access/forward/x", "/access//forward/x", "/access/forward", "/dev/mailbox", "/%64ev/mailbox", "/metrics"]) {
    assert.equal((await send(path, { host: "id.example.com" })).status, 404, path);
  }
});

// Tokens

const encode = (value) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

async function signer(kid = "k1", alg = "ES256") {
  const [generated, signed] = { ES256: [{ name: "ECDSA", namedCurve: "P-256" }, { name: "ECDSA", hash: "SHA-256" }], EdDSA: [{ name: "Ed25519" }, { name: "Ed25519" }] }[alg];
  const pair = await crypto.subtle.generateKey(generated, true, ["sign", "verify"]);
  const jwk = { ...(await crypto.subtle.exportKey("jwk", pair.publicKey)), kid, alg, use: "sig", key_ops: ["verify"] };
  const sign = async (claims = {}, header = {}) => {
    const text = `${encode({ alg, kid, typ: "at+jwt", ...header })}.${encode({ iss: ISSUER, exp: Date.now() / 1000 + 60, ...claims })}`;
    const signature = await crypto.subtle.sign(signed, pair.privateKey, Buffer.from(text));
    return `${text}.${Buffer.from(signature).toString("base64url")}`;
  };
  return { jwk, sign };
}

const bearing = (token, options = {}) => send("/a", { headers: { Authorization: `Bearer ${token}` }, ...options });

for (const alg of ["ES256", "EdDSA"]) {
  test(`a good token by ${alg} is still Gapura's to decide about`, async () => {
    const { jwk, sign } = await signer("k1", alg);
    keys = () => Response.json({ keys: [jwk] });
    assert.equal((await bearing(await sign())).status, 200);
    assert.equal(asked.length, 1);
    gapura = () => Response.json({ code: "invalid_credential", status: 401 }, { status: 401, headers: { "Content-Type": "application/problem+json" } });
    served = [];
    await refused(await bearing(await sign()), 401, "invalid_credential");
  });
}

test("a token that cannot be good is refused without a question", async () => {
  const [good, other] = [await signer("k1"), await signer("k1")];
  keys = () => Response.json({ keys: [good.jwk] });
  const token = await good.sign();
  const [head, body, signature] = token.split(".");
  const bad = {
    "over": await good.sign({ exp: Date.now() / 1000 - 60 }),
    "without an end": await good.sign({ exp: undefined }),
    "of another issuer": await good.sign({ iss: "https://evil.example" }),
    "signed by another key": await other.sign(),
    "changed": `${head}.${encode({ iss: ISSUER, exp: 9e9, sub: "root" })}.${signature}`,
    "of a key that is not known": await (await signer("k2")).sign(),
    "without a signature": `${encode({ alg: "none" })}.${body}.${signature}`,
    "of another algorithm than its key": await good.sign({}, { alg: "EdDSA" }),
    "no JSON": `${encode("x")}.${body}.${signature}`,
  };
  for (const [name, each] of Object.entries(bad)) {
    forgetKeys();
    const response = await bearing(each);
    assert.match(response.headers.get("WWW-Authenticate") ?? "", /invalid_token/, name);
    await refused(response, 401, "invalid_credential");
  }
  assert.equal(asked.length, 0);
});

test("what cannot be checked here is Gapura's to decide about", async () => {
  const { sign } = await signer();
  keys = () => { throw new TypeError("fetch failed"); };
  await bearing(await sign());
  await bearing("gpk_a_key");
  await bearing(`${encode({ alg: "HS256" })}.${encode({ iss: ISSUER, exp: 9e9 })}.c2ln`);
  await bearing(await sign(), { env: { ...ENV, GAPURA_ISSUER: undefined } });
  assert.equal(asked.length, 4);
});

test("tokens with invented key names do not make a question for keys each", async () => {
  const { jwk, sign } = await signer();
  keys = () => Response.json({ keys: [jwk] });
  for (let n = 0; n < 20; n++) await bearing(await sign({}, { kid: `invented-${n}` }));
  assert.equal(looked.length, 1);
  assert.equal((await bearing(await sign())).status, 200);
  assert.equal(looked.length, 1);
});

test("a token by a key that was published after the last look is Gapura's to decide about", async () => {
  const [old, rotated] = [await signer("k1"), await signer("k2")];
  keys = () => Response.json({ keys: [old.jwk] });
  assert.equal((await bearing(await old.sign())).status, 200);
  keys = () => Response.json({ keys: [old.jwk, rotated.jwk] });
  assert.equal((await bearing(await rotated.sign())).status, 200);
  assert.deepEqual([asked.length, looked.length], [2, 1]);
  wait(11_000);
  assert.equal((await bearing(await rotated.sign())).status, 200);
  assert.equal((await bearing(await (await signer("k2")).sign())).status, 401);
  assert.deepEqual([asked.length, looked.length], [3, 2]);
});

test("a key that is published no more is no longer good after five minutes", async () => {
  const { jwk, sign } = await signer();
  keys = () => Response.json({ keys: [jwk] });
  assert.equal((await bearing(await sign())).status, 200);
  keys = () => Response.json({ keys: [] });
  wait(301_000);
  assert.equal((await bearing(await sign({ exp: Date.now() / 1000 + 60 }))).status, 401);
});

test("while the keys cannot be had, known ones still tell, and nobody waits but one in ten seconds", async () => {
  const { jwk, sign } = await signer();
  const good = () => sign({ exp: Date.now() / 1000 + 60 });
  keys = () => Response.json({ keys: [jwk] });
  assert.equal((await bearing(await good())).status, 200);
  for (const failing of [() => { throw new TypeError("fetch failed"); }, () => new Response("<html>"), () => Response.json({}), () => Response.json({ keys: [null] }), () => new Response(null, { status: 302, headers: { Location: "https://evil.example/" } })]) {
    keys = failing;
    looked = [];
    wait(301_000);
    for (let n = 0; n < 5; n++) assert.equal((await bearing(await good())).status, 200);
    assert.equal((await bearing(await (await signer("k1")).sign({ exp: Date.now() / 1000 + 60 }))).status, 401);
    assert.equal((await bearing(await (await signer("k2")).sign({ exp: Date.now() / 1000 + 60 }))).status, 200);
    assert.equal(looked.length, 1);
    wait(11_000);
    await bearing(await good());
    assert.equal(looked.length, 2);
  }
});

test("requests at the same time look for the keys once, and none waits for another's look", async () => {
  const { jwk, sign } = await signer();
  let answerLook;
  keys = () => new Promise((resolve) => { answerLook = () => resolve(Response.json({ keys: [jwk] })); });
  const token = await sign();
  const first = bearing(token);
  while (!answerLook) await new Promise(setImmediate);
  assert.equal((await bearing(token)).status, 200);
  answerLook();
  assert.equal((await first).status, 200);
  assert.equal(looked.length, 1);
});
