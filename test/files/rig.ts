// The same folder and the same configuration twice: behind Debian's nginx, and before the functions of `src/files/`, with
// as much around them as a request needs to go its way. What the two answer is made alike where it may differ.

import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { cutToRanges, serveFiles, testPreconditions, tryFiles } from '../../src/files/files.ts'
import type { LocalAnswer, Outcome } from '../../src/outcome.ts'
import { MOST_JUMPS, type SiteFacts, type Visit } from '../../src/visit.ts'
import { askNginx, type Nginx, startNginx } from '../support/nginx.ts'
import type { Owner } from '../support/owner.ts'
import { type Asked, factsOf, locate, siteOf, visitOf } from '../support/visit.ts'

/** What is compared: of an error or a redirect no body, which is another room's. */
export interface Answer {
  readonly status: number
  readonly fields: Readonly<Record<string, string>>
  readonly body: string
}

export interface Pair {
  /** Where `FOLDER/html` of the configuration is: the tree that is served. */
  readonly html: string
  readonly folder: string
  readonly nginx: Nginx
  readonly facts: SiteFacts
  /** What our side has written to the error log. */
  readonly said: string[]
}

const COMPARED = [
  'content-type',
  'content-length',
  'content-encoding',
  'content-range',
  'accept-ranges',
  'last-modified',
  'etag',
  'vary',
  'location',
]

/** @param server what stands in the one server; its root is `FOLDER/html` unless it says otherwise */
export async function pairOf(owner: Owner, server: string, http = ''): Promise<Pair> {
  const root = /^\s*root\b/m.test(server) ? '' : 'root FOLDER/html;'
  const text = `${http}\nserver { listen 127.0.0.1:PORT; absolute_redirect off; ${root}\n${server}\n}`
  const nginx = await startNginx(owner, text)
  const { folder, port } = nginx
  const html = join(folder, 'html')
  mkdirSync(html)
  const ours = text.replaceAll('PORT', String(port)).replaceAll('FOLDER', folder)
  const said: string[] = []
  const facts = factsOf(siteOf(owner, `http {${ours}\n}`, folder), said)
  return { html, folder, nginx, facts, said }
}

/** Both answer the same. @returns what that is */
export async function same(pair: Pair, target: string, asked: Omit<Asked, 'target'> = {}): Promise<Answer> {
  const { method = 'GET', fields = {} } = asked
  const theirs = await askNginx(pair.nginx, target, { method, fields })
  const ours = await served(visitOf(pair.facts, { ...asked, target }))
  const what = `${method} ${target} ${JSON.stringify(fields)}`
  assert.deepEqual(alike(ours), alike(theirs), what)
  return ours
}

/** What our side answers; an answer that breaks is an error. */
export async function served(visit: Visit): Promise<Answer> {
  const answer = await answered(visit)
  // As the filters have it, which come after.
  const vary = visit.varies && visit.settings.gzipVary ? { vary: 'Accept-Encoding' } : {}
  return { ...answer, fields: { ...answer.fields, ...vary } }
}

async function answered(visit: Visit): Promise<Answer> {
  let outcome = await routed(visit)
  if (outcome.kind === 'answer') {
    const { head, body } = outcome.answer
    const verdict = testPreconditions(visit, head)
    if (verdict === 'failed') outcome = { kind: 'status', status: 412 }
    else if (verdict === 'not modified') outcome = { kind: 'answer', answer: { head, body: null } }
    else outcome = cutToRanges(visit, { head, body }, true)
  }
  switch (outcome.kind) {
    case 'answer':
      return written(outcome.answer)
    case 'status': {
      const fields = (outcome.fields ?? []).map(([name, value]) => [name.toLowerCase(), value])
      return { status: outcome.status, fields: Object.fromEntries(fields), body: '' }
    }
    case 'redirect':
      return { status: outcome.status, fields: { location: outcome.location }, body: '' }
    case 'close':
      return { status: 0, fields: {}, body: '' }
    default:
      throw new Error(`nobody answered: ${JSON.stringify(outcome)}`)
  }
}

// try_files, files, and on to wherever they lead.
async function routed(visit: Visit): Promise<Outcome> {
  for (let jumps = 0; jumps <= MOST_JUMPS; jumps++) {
    const tried = await tryFiles(visit)
    const outcome = tried.kind === 'next' ? await serveFiles(visit) : tried
    if (outcome.kind === 'named') locate(visit, outcome.name)
    else if (outcome.kind === 'jump') {
      visit.uri = outcome.uri
      visit.args = outcome.args ?? visit.args
      locate(visit)
    } else return outcome
  }
  return { kind: 'status', status: 500 }
}

async function written({ head, body }: LocalAnswer): Promise<Answer> {
  const fields: Record<string, string> = {}
  for (const [index, name] of head.headers.lower.entries()) fields[name] = head.headers.values[index]!
  if (head.length !== null) fields['content-length'] = String(head.length)
  const pieces: Buffer[] = []
  if (Buffer.isBuffer(body)) pieces.push(body)
  else if (body !== null) for await (const piece of body) pieces.push(piece)
  return { status: head.status, fields, body: Buffer.concat(pieces).toString('latin1') }
}

function alike({ status, fields, body }: Answer): Answer {
  const chunked = fields['transfer-encoding'] === 'chunked'
  const isAnswer = status === 200 || status === 206 || status === 304
  const compared = isAnswer ? COMPARED : ['location', 'content-range', 'vary']
  const kept = compared.flatMap(name => (fields[name] === undefined ? [] : [[name, fields[name]]]))
  const boundary = /boundary=(\d{20})/.exec(fields['content-type'] ?? '')?.[1] ?? null
  // What the charset filter adds is its own test's.
  const known = (text: string) =>
    (boundary === null ? text : text.replaceAll(boundary, 'BOUNDARY')).replace(
      'text/html; charset=utf-8',
      'text/html',
    )
  return {
    status,
    fields: Object.fromEntries(kept.map(([name, value]) => [name, known(value!)])),
    body: isAnswer ? known(chunked ? unchunked(body) : body) : '',
  }
}

function unchunked(text: string): string {
  let [rest, whole] = [text, '']
  for (;;) {
    const end = rest.indexOf('\r\n')
    const size = Number.parseInt(rest.slice(0, end), 16)
    if (end === -1 || Number.isNaN(size) || size === 0) return whole
    whole += rest.slice(end + 2, end + 2 + size)
    rest = rest.slice(end + 2 + size + 2)
  }
}
