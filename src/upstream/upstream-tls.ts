// The terms of TLS towards upstreams: whose certificates are believed, our own, versions and ciphers. Read with the file,
// so that what is wrong is told at once and no connection waits for the disk. Opens no connection.

import { createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { SecureContext, SecureContextOptions, SecureVersion } from 'node:tls'
import type { ProxyTls } from '../config/nginx/modules/proxy-tls.ts'
import type { Settings } from '../config/nginx/settings.ts'
import type { Remark } from '../config/nginx/tree.ts'

/** What a connection is secured by. */
export interface SecureTerms {
  readonly context: SecureContext
  /** Whose certificate is expected, without a port. */
  readonly name: string
  /** Said to the server (SNI); empty: not. */
  readonly serverName: string
  readonly verify: boolean
}

/** Words for people: a file that cannot be used, and why. */
export class UpstreamTlsError extends Error {}

const VERSIONS: readonly SecureVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']

export class UpstreamTls {
  /** By what was said: places that say the same share one. */
  readonly #contexts = new Map<string, SecureContext>()

  /**
   * @param places whose files are read now
   * @throws UpstreamTlsError
   */
  constructor(places: Iterable<Settings>) {
    for (const tls of secured(places)) this.#contextOf(tls)
  }

  /** The terms for a connection to whoever is called so. @param host with or without a port */
  of(tls: ProxyTls, host: string): SecureTerms {
    const name = host.startsWith('[') ? host.slice(1, host.indexOf(']')) : host.replace(/:\d*$/, '')
    const isAddress = host.startsWith('[') || /^[\d.]+$/.test(name)
    const serverName = tls.serverName && !isAddress ? name : ''
    return { context: this.#contextOf(tls), name, serverName, verify: tls.verify }
  }

  #contextOf(tls: ProxyTls): SecureContext {
    const { name: _name, serverName: _serverName, at: _at, ...rest } = tls
    const key = JSON.stringify(rest)
    let context = this.#contexts.get(key)
    if (context === undefined) this.#contexts.set(key, (context = contextOf(tls)))
    return context
  }
}

/** What is wrong with the files of a site's places, in words for people. */
export function checkUpstreamTls(places: Iterable<Settings>): Remark[] {
  const remarks = new Map<string, Remark>()
  for (const tls of secured(places)) {
    try {
      contextOf(tls)
    } catch (error) {
      if (!(error instanceof UpstreamTlsError)) throw error
      remarks.set(error.message, { level: 'emerg', message: error.message, at: tls.at })
    }
  }
  return [...remarks.values()]
}

function* secured(places: Iterable<Settings>): Iterable<ProxyTls> {
  const seen = new Set<ProxyTls>()
  for (const { pass, proxyTls } of places) {
    if (pass === null || (pass.kind === 'group' && pass.scheme === 'http') || seen.has(proxyTls)) continue
    // Where variables may lead to https, nothing is made ready that nobody has said a word of.
    if (pass.kind === 'computed' && proxyTls.at === null) continue
    seen.add(proxyTls)
    yield proxyTls
  }
}

function contextOf(tls: ProxyTls): SecureContext {
  const options: SecureContextOptions = { ...filesOf(tls), ...versionsOf(tls) }
  if (tls.ciphers !== null) options.ciphers = tls.ciphers
  // Loaded with the first upstream that needs it: see node-http.ts.
  const { createSecureContext } = process.getBuiltinModule('node:tls')
  try {
    return createSecureContext(options)
  } catch (error) {
    const what = tls.certificate ?? tls.ciphers ?? 'proxy_ssl_…'
    throw new UpstreamTlsError(`cannot use "${what}" for TLS with the upstream: ${messageOf(error)}`)
  }
}

function filesOf({
  certificate,
  certificateKey,
  trusted,
  crl,
  passwordFile,
}: ProxyTls): SecureContextOptions {
  const options: SecureContextOptions = {}
  if (certificate !== null && certificateKey !== null) {
    options.cert = read(certificate, 'certificate')
    options.key = unlocked(read(certificateKey, 'certificate key'), certificateKey, passwordFile)
  }
  if (trusted !== null) options.ca = read(trusted, 'certificates')
  if (crl !== null) options.crl = read(crl, 'revocation list')
  return options
}

function read(path: string, what: string): Buffer {
  try {
    return readFileSync(Buffer.from(path, 'latin1'))
  } catch (error) {
    throw new UpstreamTlsError(`cannot load ${what} "${path}": ${messageOf(error)}`)
  }
}

// Each line of the password file is tried in turn.
function unlocked(pem: Buffer, path: string, passwordFile: string | null): Buffer {
  if (passwordFile === null || !pem.includes('ENCRYPTED')) return pem
  const lines = read(passwordFile, 'password file').toString('latin1').split(/\r?\n/)
  for (const line of lines.filter(each => each !== '')) {
    try {
      const key = createPrivateKey({ key: pem, passphrase: Buffer.from(line, 'latin1') })
      return Buffer.from(key.export({ type: 'pkcs8', format: 'pem' }))
    } catch {
      // The next may be the one.
    }
  }
  throw new UpstreamTlsError(`cannot load certificate key "${path}": no line of "${passwordFile}" opens it`)
}

/** From the lowest to the highest that is named; a gap between them is closed. */
function versionsOf({ protocols }: ProxyTls): SecureContextOptions {
  const named = VERSIONS.filter(version => protocols.includes(version))
  const [min, max] = [named[0], named.at(-1)]
  return min === undefined || max === undefined ? {} : { minVersion: min, maxVersion: max }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
