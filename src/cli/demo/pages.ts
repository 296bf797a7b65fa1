// The pages of the demonstration: one that is slow, one that is large, an upload, one that hangs, a health
// check. Each is a function of the request; how it gets to the client is the worker's business.

import { createHash } from 'node:crypto'
import type { Head, Incoming } from './incoming.ts'
import { type Identity, indexPage, uploadPage } from './markup.ts'

export interface Answer {
  readonly status: number
  readonly type: string
  readonly fields?: Readonly<Record<string, string>>
  /** Bytes of the body. */
  readonly length: number
  readonly body: Iterable<Uint8Array>
}

/** What a page has at hand. */
export interface Asked {
  readonly head: Head
  readonly incoming: Incoming
  readonly worker: Identity
  /** Blocks the process for this many milliseconds. */
  readonly block: (ms: number) => void
}

/** A page; null when the client left before its request was whole. */
type Page = (asked: Asked) => Answer | Promise<Answer | null>

const HTML = 'text/html; charset=utf-8'
const TEXT = 'text/plain; charset=utf-8'

const SLOW = { name: 'seconds', default: 2, most: 20 }
const LARGE = { name: 'megabytes', default: 8, most: 256 }
/** Longer than any edge waits, so that a 504 is seen, and what becomes of the worker after it. */
const HANG_S = 300
const MEGABYTE = 1024 * 1024

const PAGES: Readonly<Record<string, Readonly<Record<string, Page>>>> = {
  '/': { GET: ({ worker }) => whole(200, HTML, indexPage(worker)) },
  '/slow': { GET: slow },
  '/large': { GET: large },
  '/upload': { GET: ({ worker }) => whole(200, HTML, uploadPage(worker)), POST: upload, PUT: upload },
  '/hang': {
    GET: ({ block }) => {
      block(HANG_S * 1000)
      return whole(200, TEXT, `An answer after all, ${HANG_S} s later.\n`)
    },
  },
  '/health': { GET: () => whole(200, TEXT, 'healthy\n') },
}

/** Answers one request. The body is always read, so that closing afterwards does not reset the connection. */
export async function answerTo(asked: Asked): Promise<Answer | null> {
  const { head, incoming } = asked
  const methods = Object.hasOwn(PAGES, head.path) ? PAGES[head.path]! : undefined
  const method = head.method === 'HEAD' ? 'GET' : head.method
  const page = methods !== undefined && Object.hasOwn(methods, method) ? methods[method]! : undefined
  if (page !== upload && !(await incoming.body(head.length, () => {}))) return null
  if (methods === undefined)
    return whole(404, TEXT, `There is no such page. There are:\n${Object.keys(PAGES).join('\n')}\n`)
  if (page === undefined) {
    const allow = Object.keys(methods).join(', ')
    return { ...whole(405, TEXT, `This page takes ${allow}.\n`), fields: { Allow: allow } }
  }
  return page(asked)
}

/** An answer whose body is one text. */
export function whole(status: number, type: string, text: string): Answer {
  const body = Buffer.from(text)
  return { status, type, length: body.length, body: [body] }
}

function slow({ head, worker, block }: Asked): Answer {
  const seconds = readNumber(head.query, SLOW)
  if (seconds === null) return wrongNumber(SLOW)
  block(seconds * 1000)
  return whole(200, TEXT, `Worker ${worker.number} (pid ${worker.pid}) worked for ${seconds} s.\n`)
}

function large({ head }: Asked): Answer {
  const megabytes = readNumber(head.query, LARGE)
  if (megabytes === null) return wrongNumber(LARGE)
  const length = Math.round(megabytes * MEGABYTE)
  return {
    status: 200,
    type: 'application/octet-stream',
    fields: { 'Content-Disposition': 'attachment; filename="large.bin"' },
    length,
    body: pieces(length),
  }
}

function* pieces(length: number): Generator<Uint8Array> {
  const piece = Buffer.alloc(65_536, 'the quick brown fox jumps over the lazy dog\n')
  for (let left = length; left > 0; left -= piece.length)
    yield left < piece.length ? piece.subarray(0, left) : piece
}

async function upload({ head, incoming, worker }: Asked): Promise<Answer | null> {
  const digest = createHash('sha256')
  const came = await incoming.body(head.length, piece => digest.update(piece))
  if (!came) return null
  const lines = [
    `worker ${worker.number} (pid ${worker.pid})`,
    `bytes ${head.length}`,
    `sha256 ${digest.digest('hex')}`,
  ]
  return whole(200, TEXT, `${lines.join('\n')}\n`)
}

interface Bounded {
  readonly name: string
  readonly default: number
  readonly most: number
}

/** The number in the query, its default, or null when it is none or out of bounds. */
function readNumber(query: URLSearchParams, { name, default: usual, most }: Bounded): number | null {
  const text = query.get(name)
  if (text === null) return usual
  const number = /^\d{1,6}(\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN
  return number <= most ? number : null
}

function wrongNumber({ name, most }: Bounded): Answer {
  return whole(400, TEXT, `${name} must be a number from 0 to ${most}.\n`)
}
