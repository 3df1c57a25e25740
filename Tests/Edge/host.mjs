// Stands in for the platform: takes HTTP on a loopback port, gives the Worker a Request and the client its Response.
// Node's own Request, Response, Headers and fetch are those of the platform's standard (Fetch).
//
//   node host.mjs PORT VARIABLES-AS-JSON

import { createServer } from "node:http";
import { Readable } from "node:stream";
import worker from "../../deploy/edge/src/worker.js";

const [port, variables] = [Number(process.argv[2]), JSON.parse(process.argv[3])];

function requestOf(incoming) {
  const headers = new Headers();
  for (let i = 0; i < incoming.rawHeaders.length; i += 2) headers.append(incoming.rawHeaders[i], incoming.rawHeaders[i + 1]);
  // As the platform does: whatever the client says.
  headers.set("CF-Connecting-IP", incoming.socket.remoteAddress.replace(/^::ffff:/, ""));
  const hasBody = !["GET", "HEAD"].includes(incoming.method);
  return new Request(`http://${incoming.headers.host}${incoming.url}`, {
    method: incoming.method, headers, body: hasBody ? Readable.toWeb(incoming) : undefined, duplex: "half",
  });
}

async function answer(incoming, outgoing) {
  const response = await worker.fetch(requestOf(incoming), variables);
  const headers = {};
  for (const [name, value] of response.headers) {
    if (name === "content-encoding" || name === "content-length") continue;
    (headers[name] ??= []).push(value);
  }
  outgoing.writeHead(response.status, headers);
  if (response.body) for await (const part of response.body) outgoing.write(part);
  outgoing.end();
}

createServer({ insecureHTTPParser: false }, (incoming, outgoing) => {
  answer(incoming, outgoing).catch((error) => {
    console.error(error);
    outgoing.destroy();
  });
}).listen(port, "127.0.0.1");
