// The command line's calls to the admin listener of a running shieldproxy. Owns how it is found and what is said when
// it does not answer; prints nothing.

import { formatAddress, readAddress } from '../../config/addresses.ts'
import type { Address } from '../../config/config.ts'

/** How long an answer may take, in milliseconds: a busy proxy still answers within a few. */
const TIMEOUT_MS = 5_000
const DEFAULT = '127.0.0.1:9180'

/** Something that the user can mend; the message is for people. */
export class CommandError extends Error {
  /** The exit status: 1 it failed, 2 it was asked for wrongly. */
  readonly status: 1 | 2

  constructor(message: string, status: 1 | 2) {
    super(message)
    this.status = status
  }
}

export interface AdminClient {
  /** Where it asks, for people. */
  readonly where: string
  /** @throws CommandError when nobody answers there, or refuses */
  get(path: string): Promise<string>
  post(path: string): Promise<string>
  close(): Promise<void>
}

/**
 * @param written what the user gave for `--admin`; undefined: the variable, else the default address
 * @throws CommandError when it is no address
 */
export async function adminClient(written: string | undefined, env: NodeJS.ProcessEnv): Promise<AdminClient> {
  const text = written ?? (env.SHIELDPROXY_ADMIN || DEFAULT)
  const read = readAddress(text, 'listen')
  if (!('value' in read)) throw new CommandError(`--admin '${text}': ${read.allowed}`, 2)
  const address = read.value
  const where = formatAddress(address)
  const { Client } = await import('undici')
  const origin = address.kind === 'unix' ? 'http://localhost' : originOf(address)
  const client = new Client(origin, {
    connect:
      address.kind === 'unix' ? { socketPath: address.path, timeout: TIMEOUT_MS } : { timeout: TIMEOUT_MS },
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
  })
  const ask = async (method: 'GET' | 'POST', path: string): Promise<string> => {
    let status: number
    let body: string
    try {
      const answer = await client.request({ method, path })
      status = answer.statusCode
      body = await answer.body.text()
    } catch (error) {
      throw new CommandError(noAnswer(where, error), 1)
    }
    if (status !== 200) throw new CommandError(`${where} answered ${status} to ${path}: ${body.trim()}`, 1)
    return body
  }
  return {
    where,
    get: path => ask('GET', path),
    post: path => ask('POST', path),
    close: () => client.destroy(),
  }
}

// A listener on all addresses is asked on loopback: from elsewhere it would not show its status.
function originOf(address: Address & { kind: 'tcp' }): string {
  const host = address.host === '::' || address.host === '0.0.0.0' ? '127.0.0.1' : address.host
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`
}

function noAnswer(where: string, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  const why =
    code === 'ECONNREFUSED' || code === 'ENOENT'
      ? 'nobody listens there'
      : code === 'EACCES'
        ? 'this user may not use the socket'
        : (code ?? message)
  return `no answer from the admin listener at ${where} (${why}); is shieldproxy running, and with this --admin?`
}
