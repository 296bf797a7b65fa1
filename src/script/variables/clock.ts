// The wall clock as nginx's variables print it, in the zone of the process. Formatting a date costs as much as the rest of
// a line, so what holds for a whole second is kept.

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

export interface Times {
  /** `2026-11-28T22:33:45+00:00` */
  readonly iso: string
  /** `28/Nov/2026:22:33:45 +0000` */
  readonly log: string
  /** `Saturday, 28-Nov-2026 22:33:45 GMT`, as server-side includes have dates. */
  readonly gmt: string
  /** The same with the name of the zone. */
  readonly local: string
}

let second = Number.NaN
let times: Times | null = null

/** @param at milliseconds since 1970 */
export function clock(at = Date.now()): Times {
  const now = Math.floor(at / 1000)
  if (times === null || now !== second) {
    second = now
    times = timesOf(new Date(now * 1000))
  }
  return times
}

function timesOf(date: Date): Times {
  const minutes = -date.getTimezoneOffset()
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60]
  const [sign, zone] = [minutes < 0 ? '-' : '+', [two(hours), two(rest)] as const]
  const day = two(date.getDate())
  const month = MONTHS[date.getMonth()]!
  const year = String(date.getFullYear())
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')
  return {
    iso: `${year}-${two(date.getMonth() + 1)}-${day}T${time}${sign}${zone.join(':')}`,
    log: `${day}/${month}/${year}:${time} ${sign}${zone.join('')}`,
    // The zone's name costs more than all the rest (2 % of the processor, once a second), and nobody asks for it.
    get local() {
      return `${DAYS[date.getDay()]}, ${day}-${month}-${year} ${time} ${nameOfZone(date)}`
    },
    gmt: gmt(date),
  }
}

function gmt(date: Date): string {
  const day = `${two(date.getUTCDate())}-${MONTHS[date.getUTCMonth()]}-${date.getUTCFullYear()}`
  return `${DAYS[date.getUTCDay()]}, ${day} ${date.toISOString().slice(11, 19)} GMT`
}

function nameOfZone(date: Date): string {
  const parts = new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' }).formatToParts(date)
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? ''
}

function two(number: number): string {
  return number < 10 ? `0${number}` : String(number)
}
