// The Worker with Gapura itself as a Cloudflare Container behind it. Its data is in a PostgreSQL elsewhere: the disk of
// a container is empty at each start.

import { DurableObject } from "cloudflare:workers";

export { default } from "./worker.js";

const PORT = 8080;
const START_TIMEOUT_MS = 25_000;

/** Without one of these Gapura would not start, or keep what it knows on a disk that is empty at the next start. */
const NEEDED = ["GAPURA_ISSUER", "DATABASE_URL", "MASTER_KEY"];
/** The Worker's own: no settings of Gapura. */
const OWN = new Set(["GAPURA_URL", "GAPURA_ISSUER", "GAPURA_GATEWAY_KEY", "ROUTES"]);

export class GapuraContainer extends DurableObject {
  constructor(state, env) {
    super(state, env);
    state.blockConcurrencyWhile(() => this.whenReady());
  }

  async fetch(request) {
    await this.whenReady();
    return await this.ctx.container.getTcpPort(PORT).fetch(request);
  }

  /** One start for all who wait; another after the container has ended, or did not come up. */
  whenReady() {
    if (!this.ready || !this.ctx.container.running) {
      const ready = this.start();
      this.ready = ready;
      ready.catch(() => {
        if (this.ready === ready) this.ready = null;
      });
    }
    return this.ready;
  }

  async start() {
    if (!this.ctx.container.running) {
      this.ctx.container.start({ enableInternet: true, env: settings(this.env) });
    }
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!(await this.isReady())) {
      if (!this.ctx.container.running) throw new Error("the container ended");
      if (Date.now() > deadline) throw new Error("the container does not answer");
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async isReady() {
    try {
      const answer = await this.ctx.container.getTcpPort(PORT).fetch("http://gapura/health/ready");
      await answer.body?.cancel();
      return answer.status === 200;
    } catch {
      return false;
    }
  }
}

/** Variables and secrets of the Worker, as the environment of Gapura. */
function settings(env) {
  const missing = NEEDED.filter((name) => !env[name]);
  if (missing.length > 0) throw new Error(`the container needs ${missing.join(", ")}`);
  const given = Object.entries(env).filter(([name, value]) => typeof value === "string" && !OWN.has(name));
  return { ...Object.fromEntries(given), APP_URL: env.GAPURA_ISSUER };
}
