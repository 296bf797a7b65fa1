// The forms of a request's line other than JSON: aligned and coloured for people at a terminal, and Apache's
// combined format for the tools that read that. Owns layout only; neither is meant to be fast.

import type { Exchange } from '../exchange.ts'
import { TIMERS } from '../phases.ts'
import { tenths } from './access.ts'
import { clf, timeOfDay } from './clock.ts'
import { LONGEST, quotedField, shown } from './quote.ts'

/** A function that wraps text in an SGR code, or leaves it as it is. */
export type Paint = (code: number, text: string) => string

export const colours: Paint = (code, text) => `\x1b[${code}m${text}\x1b[0m`
export const noColours: Paint = (_code, text) => text

const grey = 90
const red = 31
const green = 32
const yellow = 33
const cyan = 36

function colourOf(status: number): number {
  if (status >= 500 || status === 0) return red
  if (status >= 400) return yellow
  return status >= 300 ? cyan : green
}

/** The two largest phases of at least a millisecond and a tenth of the whole. */
function largest(x: Exchange): string {
  const least = Math.max(1, x.age() / 10)
  return TIMERS.filter(phase => x.timers[phase] >= least)
    .sort((a, b) => x.timers[b] - x.timers[a])
    .slice(0, 2)
    .map(phase => `${phase} ${tenths(x.timers[phase])}`)
    .join('  ')
}

/** `06:31:00.123  200  GET     /reports/7                      812.4 ms  wait 790.1`, line end included. */
export function prettyLine(x: Exchange, outcome: string, url: string, paint: Paint): string {
  const status = x.status === 0 ? ' – ' : String(x.status)
  const parts = [
    paint(grey, timeOfDay()),
    paint(colourOf(x.status), status),
    shown(x.method, LONGEST.method).padEnd(7),
    shown(url, LONGEST.url).padEnd(40),
    `${(x.age().toFixed(1)).padStart(9)} ms`,
  ]
  const phases = largest(x)
  if (phases !== '') parts.push(paint(grey, phases))
  if (outcome !== 'ok') {
    const detail =
      x.failure === null || x.failure.detail === '' ? '' : `: ${shown(x.failure.detail, LONGEST.detail)}`
    parts.push(paint(x.status >= 500 || x.status === 0 ? red : yellow, outcome + detail))
  }
  return parts.join('  ').trimEnd() + '\n'
}

/**
 * Apache's `combined`, line end included. Bytes include the answer's head (Apache's `%O`). Where the client
 * got no status the line says 499, as nginx's does, since readers of this format expect three digits.
 */
export function combinedLine(x: Exchange, url: string, logQuery: boolean): string {
  const query = x.referer.indexOf('?')
  const referer = logQuery || query === -1 ? x.referer : x.referer.slice(0, query)
  const request =
    x.method === ''
      ? '-'
      : `${quotedField(x.method, LONGEST.method)} ${quotedField(url, LONGEST.url)} HTTP/${x.version}`
  const client = quotedField(x.client, LONGEST.client).replaceAll(' ', '\\x20')
  return (
    `${client} - - [${clf()}] "${request}" ${x.status === 0 ? 499 : x.status} ${x.bytesOut}` +
    ` "${quotedField(referer, LONGEST.referer)}" "${quotedField(x.userAgent, LONGEST.userAgent)}"\n`
  )
}
