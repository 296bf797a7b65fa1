// The wall clock as logs print it. Formatting a date costs about as much as the rest of a line, so the part
// that holds for a whole second is kept. Deadlines and timers never use this clock: see `now()` in exchange.ts.

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

const digits2 = (n: number): string => (n < 10 ? '0' + n : '' + n)

let second = Number.NaN
let isoPrefix = ''

/** ISO 8601 in UTC with milliseconds, as Date.prototype.toISOString() gives it. */
export function iso(at = Date.now()): string {
  const thisSecond = Math.floor(at / 1000)
  if (thisSecond !== second) {
    second = thisSecond
    isoPrefix = new Date(thisSecond * 1000).toISOString().slice(0, 20)
  }
  const ms = Math.floor(at) - thisSecond * 1000
  return isoPrefix + (ms < 10 ? '00' + ms : ms < 100 ? '0' + ms : ms) + 'Z'
}

/** The Common Log Format's time, in UTC: `21/Nov/2025:06:31:00 +0000`. */
export function clf(at = Date.now()): string {
  const date = new Date(at)
  const day = digits2(date.getUTCDate()) + '/' + months[date.getUTCMonth()] + '/' + date.getUTCFullYear()
  return `${day}:${date.toISOString().slice(11, 19)} +0000`
}

/** Local time of day for people at a terminal: `06:31:00.123`. */
export function timeOfDay(at = Date.now()): string {
  const date = new Date(at)
  const ms = date.getMilliseconds()
  const hms = [date.getHours(), date.getMinutes(), date.getSeconds()].map(digits2).join(':')
  return hms + '.' + (ms < 10 ? '00' + ms : ms < 100 ? '0' + ms : ms)
}

/** Milliseconds in words: `250ms`, `2.5s`, `30s`, `12m`. */
export function inWords(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`
  if (ms < 600_000) return `${Math.round(ms / 100) / 10}s`
  return `${Math.round(ms / 60_000)}m`
}
