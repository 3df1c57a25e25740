/** A refusal as Gapura words it (RFC 9457). */
export function problem(status, code, title, requestID, headers = {}) {
  const document = { type: `urn:gapura:problem:${code}`, title, status, code, detail: title, request_id: requestID };
  return new Response(JSON.stringify(document), {
    status,
    headers: {
      "Content-Type": "application/problem+json", "Cache-Control": "no-store", "X-Request-Id": requestID, ...headers,
    },
  });
}
