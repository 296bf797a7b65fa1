// Certificates for tests, made by openssl: an authority, servers by name, clients. They live as long as the test.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Owner } from './owner.ts'

export interface Pair {
  readonly cert: string
  readonly key: string
}

export class Certificates {
  readonly folder: string
  readonly authority: Pair

  constructor(owner: Owner) {
    this.folder = mkdtempSync(join(tmpdir(), 'certificates-'))
    owner.after(() => rmSync(this.folder, { recursive: true }))
    this.authority = this.#pair('authority')
    this.#openssl('req', '-x509', '-days', '2', '-subj', '/CN=authority', ...this.#made(this.authority))
  }

  /** A certificate that the authority has signed. @param subject instead of `/CN=name` */
  of(name: string, subject = `/CN=${name}`): Pair {
    const pair = this.#pair(name)
    const request = join(this.folder, `${name}.csr`)
    this.#openssl('req', '-utf8', '-subj', subject, ...this.#made({ ...pair, cert: request }))
    const { cert, key } = this.authority
    this.#openssl(
      ...['x509', '-req', '-in', request, '-CA', cert, '-CAkey', key, '-CAcreateserial'],
      ...['-days', '2', '-out', pair.cert],
    )
    return pair
  }

  /** One that nobody has signed but itself. */
  alone(name: string): Pair {
    const pair = this.#pair(name)
    this.#openssl('req', '-x509', '-days', '2', '-subj', `/CN=${name}`, ...this.#made(pair))
    return pair
  }

  #pair(name: string): Pair {
    return { cert: join(this.folder, `${name}.crt`), key: join(this.folder, `${name}.key`) }
  }

  #made({ cert, key }: Pair): string[] {
    return [
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-keyout',
      key,
      '-out',
      cert,
    ]
  }

  #openssl(...args: string[]): void {
    execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  }
}
