// A Cloudflare Worker that is a gateway like nginx or Caddy: it asks Gapura about each request, and passes on to the
// service what may pass. It fails closed: without an answer of Gapura nothing passes.

import { fetchGapura } from "./gapura.js";
import { ask, closed, serviceIsDown } from "./gate.js";
import { answerHeaders, clientAddress, isWebSocket, serviceHeaders } from "./headers.js";
import { problem } from "./problem.js";
import { routeOf } from "./routes.js";
import { isCertainlyBad } from "./tokens.js";

export default {
  async fetch(request, env) {
    const requestID = crypto.randomUUID();
    try {
      return await answer(request, env, requestID);
    } catch (error) {
      log("closed", error, requestID);
      return closed(requestID);
    }
  },
};

/** The cause says what is wrong with the configuration, or who did not answer; never anything of the request. */
function log(message, error, requestID) {
  console.error(JSON.stringify({ message, cause: String(error?.message ?? error), request_id: requestID }));
}

async function answer(request, env, requestID) {
  const url = new URL(request.url);
  const route = routeOf(url.hostname, env);
  if (!route) return problem(404, "not_found", "There is nothing here", requestID);
  if (route.gapura) return await passToGapura(request, url, env, requestID);

  // A method in another case than its own is one for some services and none for the gate.
  if (request.method !== request.method.toUpperCase()) {
    return problem(403, "ambiguous_request", "The request can be read in two ways", requestID);
  }
  // A page of another origin may read and write all of a WebSocket, which a cookie would open for it.
  if (isWebSocket(request) && request.headers.has("Cookie") && !isAllowedOrigin(request, url, route)) {
    return problem(403, "origin_not_allowed", "The origin may not do this", requestID);
  }
  if (route.preflights === "pass" && isPreflight(request)) {
    return await passToService(serviceRequest(request, url, route, null, requestID), null, requestID);
  }
  if (await isCertainlyBad(request.headers.get("Authorization"), env)) {
    return problem(401, "invalid_credential", "The token or the key does not count", requestID, {
      "WWW-Authenticate": 'Bearer realm="gapura", error="invalid_token"',
    });
  }
  const decision = await ask(request, url, route, env, requestID);
  if (!decision.isAllowed) return decision.refusal;
  return await passToService(serviceRequest(request, url, route, decision, requestID), decision, requestID);
}

async function passToService(request, decision, requestID) {
  let response;
  try {
    response = await fetch(request);
  } catch (error) {
    log("the service does not answer", error, requestID);
    return serviceIsDown(requestID);
  }
  return clientAnswer(response, decision, requestID);
}

function isAllowedOrigin(request, url, route) {
  const origin = request.headers.get("Origin");
  return origin === url.origin || (route.origins ?? []).includes(origin);
}

function isPreflight(request) {
  return (
    request.method === "OPTIONS" &&
    /^\S+$/.test(request.headers.get("Origin") ?? "") &&
    /^\S+$/.test(request.headers.get("Access-Control-Request-Method") ?? "")
  );
}

/** The client's request, for the service: the path that was decided about, and headers that say who calls. */
function serviceRequest(request, url, route, decision, requestID) {
  return new Request(at(route.origin, url), {
    method: request.method,
    headers: serviceHeaders(request, route, decision, requestID),
    body: request.body,
    // What one caller gets is not for the next: the platform keeps files (.pdf, .csv) by their address alone.
    cache: "no-store",
    // A redirect of the service is the client's to follow: the next request is decided about too.
    redirect: "manual",
    duplex: "half",
  });
}

function clientAnswer(response, decision, requestID) {
  const headers = answerHeaders(response.headers, decision?.headers, requestID);
  // A WebSocket that the service accepted (the platform's own member of a response).
  if (response.webSocket) return new Response(null, { status: 101, webSocket: response.webSocket, headers });
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}

/** Gapura's own pages and API. What is for gateways, operators and developers is not for visitors. */
async function passToGapura(request, url, env, requestID) {
  if (/^\/+(access\/+forward|dev|metrics)(\/|$)/i.test(decoded(url.pathname))) {
    return problem(404, "not_found", "There is nothing here", requestID);
  }
  const headers = new Headers(request.headers);
  for (const name of ["Connection", "Forwarded", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Via"]) {
    headers.delete(name);
  }
  headers.set("X-Forwarded-For", clientAddress(request));
  const passed = new Request(at(env.GAPURA_URL, url), {
    method: request.method, headers, body: request.body, cache: "no-store", redirect: "manual", duplex: "half",
  });
  const response = await fetchGapura(passed, env);
  return new Response(response.body, { status: response.status, headers: response.headers });
}

/** The same path at another origin. Not resolved against it: `//host/` would lead to that host. */
function at(origin, url) {
  const target = new URL(origin);
  target.pathname = url.pathname;
  target.search = url.search;
  return target;
}

/** Escapes that are broken stay: Gapura refuses them. */
function decoded(path) {
  return path.replace(/%[0-9a-f]{2}/gi, (escape) => String.fromCharCode(parseInt(escape.slice(1), 16)));
}
