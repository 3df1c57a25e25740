// Bearer tokens that cannot be good are refused here, without a question to Gapura. Nothing is ever let in by this: a
// token that looks good is Gapura's to decide about, which knows of revocations, blocks and plans.

import { fetchGapura } from "./gapura.js";

const REFRESH_MS = 5 * 60 * 1000;
/** For a key that is not known: no more often, whoever sends what. */
const RETRY_MS = 10 * 1000;
const CLOCK_SKEW_SECONDS = 5;

const ALGORITHMS = {
  ES256: [{ name: "ECDSA", namedCurve: "P-256" }, { name: "ECDSA", hash: "SHA-256" }],
  RS256: [{ name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, { name: "RSASSA-PKCS1-v1_5" }],
  EdDSA: [{ name: "Ed25519" }, { name: "Ed25519" }],
};

let known = { url: null, keys: new Map(), fetched: -Infinity };

/** For tests: forgets the keys. */
export function forgetKeys() {
  known = { url: null, keys: new Map(), fetched: -Infinity };
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

/** A published key; null if there is none of this name; undefined if nobody can tell just now. */
async function find(kid, env) {
  if (known.url !== env.GAPURA_URL) forgetKeys();
  const age = Date.now() - known.fetched;
  if (age > REFRESH_MS || (!known.keys.has(kid) && age > RETRY_MS)) {
    const fetched = await fetchKeys(env).catch(() => null);
    if (fetched) known = { url: env.GAPURA_URL, keys: fetched, fetched: Date.now() };
    else if (!known.keys.has(kid)) return undefined;
  }
  return known.keys.get(kid) ?? null;
}

async function fetchKeys(env) {
  const request = new Request(new URL("/.well-known/jwks.json", env.GAPURA_URL), { signal: AbortSignal.timeout(2000) });
  const answer = await fetchGapura(request, env);
  if (answer.status !== 200) throw new Error(`the keys: ${answer.status}`);
  const { keys } = await answer.json();
  return new Map(keys.map((key) => [key.kid, { ...key, alg: key.alg, key_ops: undefined, use: undefined }]));
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
