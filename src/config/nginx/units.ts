// Times and sizes as nginx's files write them (ngx_parse_time, ngx_parse_offset). The proxy's own flags have `../units.ts`.

const TIME_UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  M: 2_592_000_000,
  y: 31_536_000_000,
}
/** NGX_MAX_INT_T_VALUE. */
const LARGEST = 2n ** 63n - 1n

const TIME_ORDER = ['y', 'M', 'w', 'd', 'h', 'm', 's', 'ms']

/** Milliseconds of nginx's times: `90`, `1m30s`, `1h 30m`, units from large to small; null: it is none. */
export function readTime(text: string): number | null {
  const parts = [...text.matchAll(/(\d+)(ms|[smhdwMy]?)\s*/g)]
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== text) return null
  let [sum, last] = [0, -1]
  for (const [, amount, unit] of parts) {
    const place = TIME_ORDER.indexOf(unit === '' ? 's' : unit!)
    if (place <= last) return null
    last = place
    sum += Number(amount) * TIME_UNITS[TIME_ORDER[place]!]!
  }
  return Number.isSafeInteger(sum) ? sum : null
}

/** A whole number as large as nginx takes it (ngx_atoi); files say `999999999999` where no limit is meant. Null: it is none. */
export function readNumber(text: string): number | null {
  if (!/^\d+$/.test(text) || BigInt(text) > LARGEST) return null
  return Math.min(Number(text), Number.MAX_SAFE_INTEGER)
}

/** Bytes of `512`, `8k`, `1m`, `2g`; null: it is none. */
export function readSize(text: string): number | null {
  const [, amount, unit] = /^(\d{1,15})([kKmMgG]?)$/.exec(text) ?? []
  if (amount === undefined) return null
  const factor = { k: 1024, m: 1024 ** 2, g: 1024 ** 3 }[unit!.toLowerCase()] ?? 1
  const bytes = Number(amount) * factor
  return Number.isSafeInteger(bytes) ? bytes : null
}
