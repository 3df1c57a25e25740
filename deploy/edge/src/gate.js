// The question to Gapura, and what its answer means.

import { fetchGapura } from "./gapura.js";
import { gateHeaders } from "./headers.js";
import { problem } from "./problem.js";

const TIMEOUT_MS = 5000;

/** Refusals that are the client's to read. Anything else is no answer to the question. */
const REFUSALS = new Set([401, 402, 403, 429]);

const TOLD = [
  "Content-Type", "Retry-After", "RateLimit", "RateLimit-Policy", "WWW-Authenticate", "Vary", "X-Gapura-Decision",
  "Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Access-Control-Expose-Headers",
];

/** Whether the request may pass; if so who calls, else what the client is told. Throws if Gapura has no answer. */
export async function ask(request, url, route, env, requestID) {
  if (!env.GAPURA_URL) throw new Error("GAPURA_URL is missing");
  if (!env.GAPURA_GATEWAY_KEY) throw new Error("GAPURA_GATEWAY_KEY is missing");
  const door = new URL(`/access/forward/${route.service}?dialect=caddy`, env.GAPURA_URL);
  const question = new Request(door, {
    headers: gateHeaders(request, url, env, requestID),
    // An answer is for one request. The platform would keep those that a rule of the zone says to keep.
    cache: "no-store",
    // A redirect would be the answer of somebody else.
    redirect: "manual",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const answer = await fetchGapura(question, env);
  // Only Gapura has an identity to give: another page that answers 200 opens nothing.
  if (answer.status === 200 && (answer.headers.get("X-Gapura-Identity") ?? "").split(".").length === 3) {
    await answer.body?.cancel();
    return { isAllowed: true, headers: answer.headers };
  }
  // The client's fault, which Gapura's HTTP server words by itself: no outage, and trying again does not help.
  if (answer.status === 400) return { isAllowed: false, refusal: unreadable(requestID) };
  if ([413, 414, 431].includes(answer.status)) return { isAllowed: false, refusal: tooLarge(requestID) };
  if (answer.status === 303 && answer.headers.get("X-Gapura-Status") === "303") {
    await answer.body?.cancel();
    return { isAllowed: false, refusal: signIn(answer.headers.get("Location"), requestID) };
  }
  if (!REFUSALS.has(answer.status)) throw new Error(`Gapura answered ${answer.status}`);
  return { isAllowed: false, refusal: refusal(answer, requestID) };
}

function refusal(answer, requestID) {
  const headers = new Headers({ "Cache-Control": "no-store", "X-Request-Id": requestID });
  for (const name of TOLD) {
    const value = answer.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  for (const cookie of answer.headers.getSetCookie()) headers.append("Set-Cookie", cookie);
  return new Response(answer.body, { status: answer.status, headers });
}

/** A browser that is not signed in goes where it can be, and comes back. */
function signIn(location, requestID) {
  if (!location) throw new Error("Gapura names no address to sign in at");
  return new Response(null, {
    status: 303, headers: { Location: location, "Cache-Control": "no-store", "X-Request-Id": requestID },
  });
}

function unreadable(requestID) {
  return problem(400, "bad_request", "The request cannot be read", requestID);
}

function tooLarge(requestID) {
  return problem(431, "headers_too_large", "The headers of the request are too large", requestID);
}

/** The service did not answer. What Gapura decided, and counted, stands. */
export function serviceIsDown(requestID) {
  return problem(502, "bad_gateway", "The service does not answer", requestID);
}

/** Gapura is down, or has no answer: the gate is closed. */
export function closed(requestID) {
  return problem(503, "unavailable", "Not available right now", requestID, { "Retry-After": "1" });
}
