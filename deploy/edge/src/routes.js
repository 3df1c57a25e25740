// ROUTES: which service is behind which host, as JSON.
//
//   {"cv.example.com": {"service": "cvmaker", "origin": "https://cv-origin.example.com"},
//    "id.example.com": {"gapura": true}}
//
// `preflights: "pass"` lets CORS preflights pass unasked, for a service that answers them itself.
// `credentials: true` leaves the caller's own credential in, for a service with pass_credentials.

let read = { text: null, routes: null };

/** The route of a host; undefined if there is none. */
export function routeOf(host, env) {
  if (read.text !== env.ROUTES) read = { text: env.ROUTES, routes: parse(env.ROUTES) };
  return read.routes.get(host);
}

function parse(text) {
  if (!text) throw new Error("ROUTES is missing");
  const routes = new Map(Object.entries(JSON.parse(text)));
  for (const [host, route] of routes) {
    if (route.gapura === true) continue;
    if (!/^[a-z0-9][a-z0-9_-]*$/.test(route.service ?? "")) throw new Error(`ROUTES: ${host} has no service`);
    const origin = new URL(route.origin);
    if (origin.pathname !== "/" || origin.search) throw new Error(`ROUTES: the origin of ${host} has a path`);
  }
  return routes;
}
