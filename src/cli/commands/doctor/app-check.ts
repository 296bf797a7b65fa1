// A look at a running app: one whole request, its answer, and how the connection ends. Never an empty connection,
// which would hold a worker; and it hangs up as soon as it has seen enough.

import { connect } from 'node:net'
import { formatAddress } from '../../../config/addresses.ts'
import type { Address } from '../../../config/config.ts'
import type { Finding } from '../../../config/judgement.ts'

export interface AppSeen {
  /** `no`: nobody took the connection; `silent`: no whole head came in time. */
  readonly answered: 'yes' | 'no' | 'silent'
  readonly error: string
  readonly status: number
  readonly server: string
  /** `Connection: keep-alive` although close was asked for. */
  readonly keptAlive: boolean
  /** Milliseconds from the whole answer to the server's FIN; null: not within three seconds. */
  readonly closedAfter: number | null
}

const ANSWER_MS = 10_000
/** gunicorn from 26.0 on lingers for 2 s (gunicorn/util.py, close_graceful). */
const CLOSE_MS = 3_000
const HEAD_LIMIT = 65_536

/** Asks for `path` once. Rejects never: what went wrong is in what was seen. */
export function lookAtApp(address: Address, path: string, host: string): Promise<AppSeen> {
  return new Promise(resolve => {
    const where =
      address.kind === 'unix' ? { path: address.path } : { host: address.host, port: address.port }
    const socket = connect({ ...where, allowHalfOpen: true })
    let received = ''
    let completeAt = 0
    let done = false
    const finish = (seen: Partial<AppSeen>) => {
      if (done) return
      done = true
      clearTimeout(timer)
      socket.destroy()
      resolve({ answered: 'yes', error: '', closedAfter: null, ...readHead(received), ...seen })
    }
    let timer = setTimeout(finish, ANSWER_MS, {
      answered: 'silent',
      error: `nothing within ${ANSWER_MS / 1000} s`,
    })
    socket.on('error', error =>
      finish(
        received === ''
          ? { answered: 'no', error: (error as NodeJS.ErrnoException).code ?? error.message }
          : {},
      ),
    )
    socket.on('connect', () => {
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: shieldproxy-doctor\r\nConnection: close\r\n\r\n`,
      )
    })
    socket.on('data', (bytes: Buffer) => {
      if (received.length < HEAD_LIMIT) received += bytes.toString('latin1')
      if (completeAt !== 0 || !isWhole(received)) return
      completeAt = performance.now()
      clearTimeout(timer)
      timer = setTimeout(finish, CLOSE_MS, { closedAfter: null })
    })
    socket.on('end', () => {
      if (received === '') finish({ answered: 'no', error: 'it closed the connection without an answer' })
      else finish({ closedAfter: completeAt === 0 ? 0 : performance.now() - completeAt })
    })
  })
}

/** Whether the answer is complete by its own length; one that ends with the connection is not until then. */
function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n')
  if (end === -1) return false
  const length = /^content-length:\s*(\d+)\s*$/im.exec(text.slice(0, end))
  if (length !== null) return text.length - end - 4 >= Number(length[1])
  return /^transfer-encoding:.*chunked/im.test(text.slice(0, end)) && text.endsWith('0\r\n\r\n')
}

function readHead(text: string): { status: number; server: string; keptAlive: boolean } {
  const head = text.slice(0, Math.max(0, text.indexOf('\r\n\r\n')))
  return {
    status: Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] ?? 0),
    server: (/^server:\s*(.{1,80})/im.exec(head)?.[1] ?? '').trim(),
    keptAlive: /^connection:.*keep-alive/im.test(head),
  }
}

/** What was seen of the app, as findings with their remedies; none where all is well. @param path what was asked for */
export function judgeApp(seen: AppSeen, address: Address, path: string): Finding[] {
  const where = formatAddress(address)
  const found: Finding[] = []
  if (seen.answered === 'no') {
    return [
      {
        finding: 'the app does not answer',
        evidence: `${where}: ${seen.error}`,
        remedy: 'start the app, or give its address to --upstream',
      },
    ]
  }
  if (seen.answered === 'silent') {
    return [
      {
        finding: 'the app takes connections and does not answer: all workers may be held',
        evidence: `${where}${path}: ${seen.error}`,
        remedy:
          'look what its workers wait for; with the shield in front of all traffic, shieldproxy top names the requests',
      },
    ]
  }
  if (seen.status === 0) {
    found.push({
      finding: 'what answers is not an HTTP/1.1 server',
      evidence: `${where} sent something else`,
      remedy: 'give --upstream the plain HTTP port of the app',
    })
  }
  if (seen.status >= 500) {
    found.push({
      finding:
        'the health-check path fails, so that platforms will restart a working app, or none knows that it is broken',
      evidence: `GET ${path} at ${where} is answered ${seen.status}`,
      remedy: 'mend it, or name another path with --healthcheck-path',
    })
  }
  if (seen.closedAfter === null || seen.closedAfter > 250) {
    const waits =
      seen.closedAfter === null ? `more than ${CLOSE_MS / 1000} s` : `${Math.round(seen.closedAfter)} ms`
    found.push({
      finding:
        'a worker waits for its peer to close after each answer: whoever connects to it directly and keeps the connection holds it',
      evidence: `${where}${seen.server === '' ? '' : ` (${seen.server})`} kept a finished connection open for ${waits}`,
      remedy: 'let all traffic, health checks too, come through the shield, which closes at once',
    })
  }
  return found
}
