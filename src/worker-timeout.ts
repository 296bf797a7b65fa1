// When a worker is killed by its own master: the window around the worker timeout in which a death counts as one.
// Whether a request may be sent again, what an incident is called and when a slot comes back all hang on it, so it is said
// once.

/**
 * gunicorn's master looks once a second, sends SIGABRT, and SIGKILL a look later to a worker that is inside C code
 * (gunicorn/arbiter.py, murder_workers): kills come late, up to 2 s, and never early.
 */
const WINDOW_MS = 2_000
/** Without a known timeout a worker that has not hung up counts as busy for so long. */
const UNKNOWN_MS = 600_000
/** The master's clock is the time of a file, which the kernel takes from its last tick. */
const EARLY_MS = 100

/**
 * Whether a worker that died at this age died of the timeout: up to 2 s after it, or before it, which for a tiny one is
 * half of it only: other servers count from elsewhere.
 * @param ageMs since it got the request
 * @param timeoutMs above 0
 */
export function isNearTimeout(ageMs: number, timeoutMs: number): boolean {
  return ageMs >= timeoutMs - Math.min(WINDOW_MS, timeoutMs / 2) && ageMs <= timeoutMs + WINDOW_MS
}

/**
 * For how long a worker may be busy with a request that nobody waits for any more, in milliseconds since it got it: then it
 * has been killed, if there is a timeout.
 * @param timeoutMs null: not known
 */
export function busyAtMost(timeoutMs: number | null): number {
  return timeoutMs === null ? UNKNOWN_MS : timeoutMs + WINDOW_MS
}

/** The narrower question, for when little else speaks for a timeout: whether gunicorn's master would act at this age. */
export function isWhenKilled(ageMs: number, timeoutMs: number): boolean {
  return ageMs >= timeoutMs - EARLY_MS && ageMs <= timeoutMs + WINDOW_MS
}
