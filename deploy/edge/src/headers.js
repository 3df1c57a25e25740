// What of the headers goes where. A client has no say in who it is, nor in which path or method was decided about.

/** Who calls, by Gapura. Each is always there. */
const IDENTITY = [
  "X-User-Id", "X-Tenant-Id", "X-Roles", "X-Plan", "X-Caller-Kind", "X-User-Email", "X-Gapura-Identity",
  "X-Gapura-Decision",
];

/** Of the hop between two machines (RFC 9110, 7.6.1). What a client names in Connection has no effect. */
const HOP_BY_HOP = new Set([
  "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
  "transfer-encoding",
]);

/** What services or their frameworks believe of who calls, from where, and what for: as nginx/gapura/headers.conf. */
const BELIEVED = new Set([
  "cf-access-authenticated-user-email", "cf-access-jwt-assertion", "cf-connecting-ip", "cf-connecting-ipv6",
  "cf-pseudo-ipv4", "client-cert", "client-cert-chain", "client-ip", "fastly-client-ip", "fly-client-ip", "forwarded",
  "forwarded-for", "front-end-https", "path-info", "proxy", "remote-email", "remote-groups", "remote-name",
  "remote-user", "script-name", "ssl-client-cert", "ssl-client-s-dn", "ssl-client-verify", "tailscale-user-login",
  "tailscale-user-name", "true-client-ip", "x-accel-mapping", "x-amzn-oidc-accesstoken", "x-amzn-oidc-data",
  "x-amzn-oidc-identity", "x-appengine-user-ip", "x-auth-request-access-token", "x-auth-request-email",
  "x-auth-request-groups", "x-auth-request-preferred-username", "x-auth-request-user", "x-authenticated-groups",
  "x-authenticated-user", "x-authenticated-userid", "x-authentik-email", "x-authentik-groups", "x-authentik-username",
  "x-azure-clientip", "x-azure-socketip", "x-client-cert", "x-client-ip", "x-cluster-client-ip",
  "x-consumer-custom-id", "x-consumer-id", "x-consumer-username", "x-credential-identifier",
  "x-envoy-external-address", "x-envoy-original-path", "x-forwarded", "x-forwarded-access-token",
  "x-forwarded-client-cert", "x-forwarded-email", "x-forwarded-for", "x-forwarded-groups", "x-forwarded-host",
  "x-forwarded-method", "x-forwarded-path", "x-forwarded-port", "x-forwarded-preferred-username",
  "x-forwarded-prefix", "x-forwarded-proto", "x-forwarded-protocol", "x-forwarded-scheme", "x-forwarded-server",
  "x-forwarded-ssl", "x-forwarded-uri", "x-forwarded-user", "x-goog-authenticated-user-email",
  "x-goog-authenticated-user-id", "x-goog-iap-jwt-assertion", "x-host", "x-http-host-override", "x-http-method",
  "x-http-method-override", "x-http-path-override", "x-method-override", "x-middleware-subrequest",
  "x-ms-client-principal", "x-ms-client-principal-id", "x-ms-client-principal-name", "x-originating-ip",
  "x-override-url", "x-proxyuser-ip", "x-real-ip", "x-remote-addr", "x-remote-email", "x-remote-group",
  "x-remote-groups", "x-remote-ip", "x-remote-name", "x-remote-user", "x-request-id", "x-rewrite-url", "x-scheme",
  "x-script-name", "x-sendfile-type", "x-ssl-client-cert", "x-ssl-client-s-dn", "x-ssl-client-verify", "x-url-scheme",
  "x-webauth-email", "x-webauth-groups", "x-webauth-name", "x-webauth-role", "x-webauth-user",
]);
const BELIEVED_BEGINNINGS = ["x-user", "x-tenant", "x-roles", "x-plan", "x-caller", "x-gapura", "x-original"];

/** Letters, digits and hyphens: servers fold all others into one another (`X.User.Id`, `X_User_Id`). */
const PLAIN = /^[a-z0-9-]+$/;

/**
 * Gapura's own cookies: with them a service could act as the caller at all others. One without a name of its own
 * (`=gapura_session=x`) is sent back by browsers as if what is in it were its name.
 */
const OWN_COOKIE = /^[\s=]*(?:(?:__(?:Host|Secure)-)?gapura_[A-Za-z0-9_]+|refresh_token)\s*(?:=|$)/;

/** What Gapura is told of the client's request. Nothing else goes over. */
export function gateHeaders(request, url, env, requestID) {
  const headers = new Headers({
    "X-Forwarded-Uri": url.pathname + url.search,
    "X-Forwarded-Method": request.method,
    // To which address: a browser that has to be signed in first comes back to it, if it is in REDIRECT_URLS.
    "X-Forwarded-Host": url.host,
    "X-Forwarded-Proto": url.protocol.slice(0, -1),
    "X-Forwarded-For": clientAddress(request),
    // Our own name of the request, by which it is counted once.
    "X-Gapura-Request": requestID,
    "X-Request-Id": requestID,
    "X-Gapura-Gateway": env.GAPURA_GATEWAY_KEY,
  });
  const told = [
    "Authorization", "X-Api-Key", "Cookie", "Origin", "Sec-Fetch-Site", "Sec-Fetch-Mode", "Sec-WebSocket-Version",
    "Accept",
  ];
  for (const name of told) {
    const value = request.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  // With Upgrade the question itself would become a WebSocket.
  if (isWebSocket(request)) headers.set("Sec-Fetch-Mode", "websocket");
  return headers;
}

/** Whether it opens a WebSocket, the only protocol that a request may switch to. */
export function isWebSocket(request) {
  return request.headers.get("Upgrade")?.trim().toLowerCase() === "websocket";
}

/** The visitor, by the platform. What a client writes into other headers does not count. */
export function clientAddress(request) {
  const address = request.headers.get("CF-Connecting-IP");
  if (!address) throw new Error("CF-Connecting-IP is missing");
  return address;
}

/** What the service gets. Without a decision, for a preflight, nobody's identity and no credential. */
export function serviceHeaders(request, route, decision, requestID) {
  const headers = new Headers();
  for (const [name, value] of request.headers) {
    if (!PLAIN.test(name) || HOP_BY_HOP.has(name) || BELIEVED.has(name)) continue;
    if (BELIEVED_BEGINNINGS.some((beginning) => name.startsWith(beginning))) continue;
    if (name === "upgrade" && !isWebSocket(request)) continue;
    headers.append(name, value);
  }
  if (!route.credentials) {
    headers.delete("Authorization");
    headers.delete("X-Api-Key");
    const cookies = (headers.get("Cookie") ?? "").split(";").filter((cookie) => !OWN_COOKIE.test(cookie));
    if (cookies.join("").trim()) headers.set("Cookie", cookies.join(";").trim());
    else headers.delete("Cookie");
  }
  headers.set("X-Forwarded-For", clientAddress(request));
  headers.set("X-Forwarded-Host", new URL(request.url).host);
  headers.set("X-Forwarded-Proto", new URL(request.url).protocol.slice(0, -1));
  headers.set("X-Request-Id", requestID);
  if (decision) for (const name of IDENTITY) headers.set(name, decision.headers.get(name) ?? "-");
  return headers;
}

/** The service's answer, with the gate's limits, and without cookies that are Gapura's alone to set. */
export function answerHeaders(service, gate, requestID) {
  const headers = new Headers();
  for (const [name, value] of service) {
    if (HOP_BY_HOP.has(name) || name.startsWith("x-gapura-")) continue;
    if (name === "set-cookie" && OWN_COOKIE.test(value)) continue;
    headers.append(name, value);
  }
  for (const name of ["RateLimit", "RateLimit-Policy"]) {
    const value = gate?.get(name);
    if (value) headers.set(name, value);
  }
  // The cookie by which somebody who is not signed in is counted.
  for (const cookie of gate?.getSetCookie() ?? []) headers.append("Set-Cookie", cookie);
  headers.set("X-Request-Id", requestID);
  return headers;
}
