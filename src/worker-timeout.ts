// When a worker is killed by its own master: the window around the worker timeout in which a death counts as one.
// Whether a request may be sent again and what an incident is called both hang on it, so it is said once.

/** gunicorn's master looks once a second and kills late (gunicorn/arbiter.py, murder_workers). */
const WINDOW_MS = 2_000

/**
 * Whether a worker that died at this age died of the timeout: within 2 s of it, or within half of a tiny one.
 * @param ageMs since it got the request
 * @param timeoutMs above 0
 */
export function isNearTimeout(ageMs: number, timeoutMs: number): boolean {
  return Math.abs(ageMs - timeoutMs) <= Math.min(WINDOW_MS, timeoutMs / 2)
}
