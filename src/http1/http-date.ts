// Dates as fields of HTTP have them, read to the letter (RFC 9110 §5.6.7), as nginx reads them: what another reader takes
// for no date must not be one here. Knows no field and no clock.

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `Sun, 06 Nov 1994 08:49:37 GMT`, and the obsolete `Sunday, 06-Nov-94 08:49:37 GMT`. */
const WITH_COMMA =
  /^[A-Za-z]+, *(\d{2})(?: ([A-Za-z]{3}) (\d{4})|-([A-Za-z]{3})-(\d{2})) (\d{2}):(\d{2}):(\d{2})(?: |$)/
/** `Sun Nov  6 08:49:37 1994`, as C writes it. */
const WITHOUT = /^[A-Za-z]{3} ([A-Za-z]{3}) {1,2}(\d{1,2}) (\d{2}):(\d{2}):(\d{2}) (\d{4})$/

/** Milliseconds since 1970; null: it is none of the three forms, or no such day. */
export function parseHttpDate(text: string): number | null {
  const comma = WITH_COMMA.exec(text)
  if (comma !== null) {
    const [, day, month, year, shortMonth, shortYear, hour, minute, second] = comma
    const full = year === undefined ? fullYear(shortYear!) : Number(year)
    return instant(full, month ?? shortMonth!, day!, hour!, minute!, second!)
  }
  const [, month, day, hour, minute, second, year] = WITHOUT.exec(text) ?? []
  return year === undefined ? null : instant(Number(year), month!, day!, hour!, minute!, second!)
}

// Two digits stand for the years from 1970 on (ngx_parse_http_time).
function fullYear(year: string): number {
  return Number(year) + (Number(year) < 70 ? 2000 : 1900)
}

function instant(
  year: number,
  month: string,
  day: string,
  hour: string,
  minute: string,
  second: string,
): number | null {
  const place = MONTHS.indexOf(month)
  const [d, h, m, s] = [Number(day), Number(hour), Number(minute), Number(second)]
  if (place === -1 || h > 23 || m > 59 || s > 59) return null
  const at = Date.UTC(year, place, d, h, m, s)
  // Days that the month does not have would run over into the next.
  return new Date(at).getUTCDate() === d ? at : null
}
