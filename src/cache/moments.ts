// The two clocks of a cache: that of what lies on the disk, and that of who waits for whom. Nothing else.

/** Seconds since 1970, as nginx's `ngx_time`. */
export function nowInSeconds(): number {
  return Math.floor(Date.now() / 1000)
}

/** Milliseconds, on a clock that all threads share and nobody sets. */
export function moment(): number {
  return performance.timeOrigin + performance.now()
}
