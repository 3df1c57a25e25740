/** Asks Gapura: as a container behind this Worker, or where GAPURA_URL leads. */
export function fetchGapura(request, env) {
  return env.GAPURA ? env.GAPURA.getByName("gapura").fetch(request) : fetch(request);
}
