// The Worker with Gapura itself as a Cloudflare Container behind it. Its data is in a PostgreSQL elsewhere: the disk of
// a container is empty at each start.

import { DurableObject } from "cloudflare:workers";

export { default } from "./worker.js";

const PORT = 8080;
const START_TIMEOUT_MS = 30_000;

export class GapuraContainer extends DurableObject {
  constructor(state, env) {
    super(state, env);
    state.blockConcurrencyWhile(() => this.start());
  }

  async fetch(request) {
    if (!this.ctx.container.running) await this.start();
    return await this.ctx.container.getTcpPort(PORT).fetch(request);
  }

  async start() {
    if (!this.ctx.container.running) {
      this.ctx.container.start({
        enableInternet: true,
        env: {
          APP_URL: this.env.GAPURA_ISSUER,
          DATABASE_URL: this.env.DATABASE_URL,
          MASTER_KEY: this.env.MASTER_KEY,
          TRUSTED_PROXIES: this.env.TRUSTED_PROXIES ?? "",
        },
      });
    }
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!(await this.isReady())) {
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
