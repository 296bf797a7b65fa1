// `shieldproxy top`: the requests under way, again and again, sorted as one likes, until `q`. Owns the terminal's
// modes while it runs and puts them back; what is not a terminal gets the table once.

import type { Io } from '../parts.ts'
import { type AdminClient, CommandError } from './admin-client.ts'
import { status } from './status.ts'
import { readStatus, type StatusView } from './status-view.ts'
import { headLines, type Order, requestLines, type SortKey, tailLines } from './table.ts'

/** How often it asks, in milliseconds. */
const REFRESH_MS = 1_000

/** ECMA-48, and the private modes of xterm for the alternate screen and the cursor. */
const ENTER = '\x1b[?1049h\x1b[?25l'
const LEAVE = '\x1b[?25h\x1b[?1049l'
const HOME = '\x1b[H'
const END_OF_LINE = '\x1b[K'
const REST_OF_SCREEN = '\x1b[J'
const REVERSE = '\x1b[7m'
const PLAIN = '\x1b[0m'

/** Sort keys by the letter that asks for them, and the direction that shows the interesting ones first. */
const KEYS: Readonly<Record<string, Order>> = {
  a: { by: 'age', ascending: false },
  w: { by: 'worker', ascending: false },
  s: { by: 'slot', ascending: true },
  b: { by: 'bytes', ascending: false },
  p: { by: 'phase', ascending: true },
  u: { by: 'url', ascending: true },
}
const HINT = 'sort: a age  w worker  s slot  b bytes  p phase  u url   r reverse   q quit'

/** Runs until it is told to quit; returns the exit status. */
export async function top(client: AdminClient, io: Io): Promise<number> {
  const { stdin, stdout } = io
  if (stdout.isTTY !== true || stdin?.isTTY !== true) return status(client, io, false)
  // The first answer decides whether there is anything to show: a wrong address is an error message, not a screen.
  let view = readStatus(await client.get('/status.json'), client.where)
  let trouble = ''
  let order: Order = KEYS.a!
  const quit = Promise.withResolvers<void>()
  const draw = () => stdout.write(screen(view, order, trouble, stdout.columns ?? 80, stdout.rows ?? 24))
  const refresh = async () => {
    try {
      view = readStatus(await client.get('/status.json'), client.where)
      trouble = ''
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
      trouble = error.message
    }
    draw()
  }
  const onKey = (typed: Buffer | string) => {
    for (const key of String(typed)) {
      // Ctrl-C and Ctrl-D arrive as characters while the terminal is raw.
      if (key === 'q' || key === '\x03' || key === '\x04') quit.resolve()
      else if (key === 'r') order = { by: order.by, ascending: !order.ascending }
      else order = KEYS[key] ?? order
    }
    draw()
  }
  const onSignal = () => quit.resolve()

  stdout.write(ENTER)
  stdin.setRawMode?.(true)
  stdin.on('data', onKey)
  stdin.resume()
  stdout.on('resize', draw)
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) io.signals.on(signal, onSignal)
  draw()
  // One question at a time: a slow answer delays the next.
  let asking = false
  const timer = setInterval(() => {
    if (asking) return
    asking = true
    refresh().then(
      () => {
        asking = false
      },
      error => quit.reject(error),
    )
  }, REFRESH_MS)
  try {
    await quit.promise
  } finally {
    clearInterval(timer)
    for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) io.signals.off(signal, onSignal)
    stdout.off('resize', draw)
    stdin.off('data', onKey)
    stdin.setRawMode?.(false)
    stdin.pause()
    stdout.write(LEAVE)
  }
  return 0
}

/** One screenful, to be written over the last one. */
export function screen(
  view: StatusView,
  order: Order,
  trouble: string,
  width: number,
  height: number,
): string {
  const head = trouble === '' ? headLines(view) : [trouble, ...headLines(view).slice(1)]
  const withWorker = view.inflight.filter(x => x.slot !== null && x.slot !== undefined)
  const waiting = view.inflight.filter(x => x.slot === null || x.slot === undefined)
  const [titles = '', ...rows] = requestLines(withWorker, order, width)
  const [, ...below] = requestLines(waiting, order, width)
  const lines = [...head, '', titles, ...rows]
  if (rows.length === 0) lines.push('  no worker has a request')
  if (below.length > 0) lines.push('', 'without a worker:', ...below)
  const hidden = (view.inflight_total ?? 0) - view.inflight.length
  if (hidden > 0) lines.push(`and ${hidden} more`)
  lines.push(...tailLines(view, 5))
  const fitting = lines.slice(0, height - 1)
  const title = head.length + 1
  const painted = fitting.map((line, i) => {
    const cut = line.slice(0, width)
    return `${i === title ? `${REVERSE}${cut.padEnd(width)}${PLAIN}` : cut}${END_OF_LINE}\r\n`
  })
  return `${HOME}${painted.join('')}${HINT.slice(0, width)}${END_OF_LINE}${REST_OF_SCREEN}`
}

export type { SortKey }
