// Bearer tokens that cannot be good are refused here, without a question to Gapura. Nothing is ever let in by this: a
// token that looks good is Gapura's to decide about, which knows of revocations, blocks and plans.

import { fetchGapura } from "./gapura.js";

const REFRESH_MS = 5 * 60 * 1000;
/** No more often than this, whoever sends what, and while Gapura does not answer. */
const RETRY_MS = 10 * 1000;
const TIMEOUT_MS = 2000;
const CLOCK_SKEW_SECONDS = 5;

const ALGORITHMS = {
  ES256: [{ name: "ECDSA", namedCurve: "P-256" }, { name: "ECDSA", hash: "SHA-256" }],
  RS256: [{ name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, { name: "RSASSA-PKCS1-v1_5" }],
  EdDSA: [{ name: "Ed25519" }, { name: "Ed25519" }],
};

const NOTHING = { url: null, keys: new Map(), fetched: -Infinity, tried: -Infinity };
let known = NOTHING;

/** For tests: forgets the keys. */
export function forgetKeys() {
  known = NOTHING;
}

/** Whether these credentials are an access token that no Gapura could take. False if that is not known. */
export async function isCertainlyBad(authorization, env) {
  const match = /^Bearer ([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/i.exec(authorization ?? "");
  if (!match || !env.GAPURA_ISSUER) return false;
  const [, head, body, signature] = match;
  try {
    const header = JSON.parse(text(head));
    const claims = JSON.parse(text(body));
    if (claims.iss !== env.GAPURA_ISSUER) return true;
    if (typeof claims.exp !== "number" || claims.exp + CLOCK_SKEW_SECONDS <= Date.now() / 1000) return true;
    const algorithm = ALGORITHMS[header.alg];
    // Shared secrets (HS256) are not published.
    if (!algorithm || typeof header.kid !== "string") return header.alg === "none";
    const key = await find(header.kid, env);
    if (key === undefined) return false;
    if (key === null || key.alg !== header.alg) return true;
    const imported = await crypto.subtle.importKey("jwk", key, algorithm[0], false, ["verify"]);
    const signed = new TextEncoder().encode(`${head}.${body}`);
    return !(await crypto.subtle.verify(algorithm[1], imported, bytes(signature), signed));
  } catch (error) {
    // What is no token at all is bad; what failed here is not the client's fault.
    return error instanceof SyntaxError;
  }
}

/** A published key; null if there is none of this name just now; undefined if nobody can tell. */
async function find(kid, env) {
  if (known.url !== env.GAPURA_URL) known = { ...NOTHING, url: env.GAPURA_URL };
  const now = Date.now();
  const key = known.keys.get(kid);
  const isDue = key === undefined || now - known.fetched > REFRESH_MS;
  if (!isDue || now - known.tried <= RETRY_MS) return key;
  // Said before the look, so that no other request waits for it, nor for a Gapura that does not answer.
  known = { ...known, tried: now };
  const keys = await fetchKeys(env).catch(() => null);
  if (!keys) return key;
  known = { url: env.GAPURA_URL, keys, fetched: now, tried: now };
  return keys.get(kid) ?? null;
}

async function fetchKeys(env) {
  const request = new Request(new URL("/.well-known/jwks.json", env.GAPURA_URL), {
    cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const answer = await fetchGapura(request, env);
  if (answer.status !== 200) throw new Error(`the keys: ${answer.status}`);
  const { keys } = await answer.json();
  return new Map(keys.map((key) => [key.kid, { ...key, key_ops: undefined, use: undefined }]));
}

function bytes(base64url) {
  return Uint8Array.from(atob(base64url.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
}

function text(base64url) {
  let decoded;
  try {
    decoded = bytes(base64url);
  } catch {
    throw new SyntaxError("not base64");
  }
  return new TextDecoder().decode(decoded);
}
