// Dates by a pattern of the C library's (strftime), for pages that say how they want them. In English, as nginx has them.

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
)

/** The parts of a moment, in whichever zone. */
interface Moment {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly weekday: number
  readonly yearday: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  /** Minutes east of Greenwich. */
  readonly offset: number
  readonly zone: string
  readonly epoch: number
}

/** @param at milliseconds since 1970 @param gmt whether it is told for Greenwich, or for where the process is */
export function strftime(pattern: string, at: number, gmt: boolean): string {
  const moment = momentOf(new Date(at), gmt)
  return pattern.replace(/%([A-Za-z%])/g, (whole, letter: string) => WRITTEN[letter]?.(moment) ?? whole)
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

function padded(value: number): string {
  return String(value).padStart(2, ' ')
}

const twelve = ({ hour }: Moment): number => (hour % 12 === 0 ? 12 : hour % 12)
const again = (pattern: string) => (moment: Moment) =>
  pattern.replace(/%([A-Za-z])/g, (_, letter: string) => WRITTEN[letter]!(moment))

const WRITTEN: Readonly<Record<string, (moment: Moment) => string>> = {
  a: ({ weekday }) => DAYS[weekday]!.slice(0, 3),
  A: ({ weekday }) => DAYS[weekday]!,
  b: ({ month }) => MONTHS[month]!.slice(0, 3),
  B: ({ month }) => MONTHS[month]!,
  c: again('%a %b %e %H:%M:%S %Y'),
  C: ({ year }) => two(Math.floor(year / 100)),
  d: ({ day }) => two(day),
  D: again('%m/%d/%y'),
  e: ({ day }) => padded(day),
  F: again('%Y-%m-%d'),
  h: ({ month }) => MONTHS[month]!.slice(0, 3),
  H: ({ hour }) => two(hour),
  I: moment => two(twelve(moment)),
  j: ({ yearday }) => String(yearday).padStart(3, '0'),
  k: ({ hour }) => padded(hour),
  l: moment => padded(twelve(moment)),
  m: ({ month }) => two(month + 1),
  M: ({ minute }) => two(minute),
  n: () => '\n',
  p: ({ hour }) => (hour < 12 ? 'AM' : 'PM'),
  P: ({ hour }) => (hour < 12 ? 'am' : 'pm'),
  r: again('%I:%M:%S %p'),
  R: again('%H:%M'),
  s: ({ epoch }) => String(epoch),
  S: ({ second }) => two(second),
  t: () => '\t',
  T: again('%H:%M:%S'),
  u: ({ weekday }) => String(weekday === 0 ? 7 : weekday),
  w: ({ weekday }) => String(weekday),
  x: again('%m/%d/%y'),
  X: again('%H:%M:%S'),
  y: ({ year }) => two(year % 100),
  Y: ({ year }) => String(year),
  z: ({ offset }) =>
    `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}${two(Math.abs(offset) % 60)}`,
  Z: ({ zone }) => zone,
  '%': () => '%',
}

function momentOf(date: Date, gmt: boolean): Moment {
  const offset = gmt ? 0 : -date.getTimezoneOffset()
  // The same clock, read as Greenwich's.
  const shown = new Date(date.getTime() + offset * 60_000)
  const year = shown.getUTCFullYear()
  return {
    year,
    month: shown.getUTCMonth(),
    day: shown.getUTCDate(),
    weekday: shown.getUTCDay(),
    yearday: Math.floor((shown.getTime() - Date.UTC(year, 0, 1)) / 86_400_000) + 1,
    hour: shown.getUTCHours(),
    minute: shown.getUTCMinutes(),
    second: shown.getUTCSeconds(),
    offset,
    zone: gmt ? 'GMT' : zoneOf(date),
    epoch: Math.floor(date.getTime() / 1000),
  }
}

function zoneOf(date: Date): string {
  const parts = new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' }).formatToParts(date)
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT'
}
