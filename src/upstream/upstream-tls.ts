// The terms of TLS towards upstreams: whose certificates are believed, our own, versions and ciphers. Read with the file,
// so that what is wrong is told at once and no connection waits for the disk, unless variables say which certificate is
// ours. Opens no connection.

import type { DetailedPeerCertificate, PeerCertificate, SecureContext, SecureContextOptions } from 'node:tls'
import { isSecure } from '../config/nginx/modules/proxy.ts'
import type { ProxyTls } from '../config/nginx/modules/proxy-tls.ts'
import { isConstant, type PemPath, resolvePem } from '../config/nginx/pem-path.ts'
import type { Settings } from '../config/nginx/settings.ts'
import type { Script } from '../config/nginx/site.ts'
import type { Remark } from '../config/nginx/tree.ts'
import { chainTooLong } from '../tls/chain.ts'
import { offerOf, pairOf } from '../tls/offer.ts'
import { lastOfEachKind, type Pair } from '../tls/pairs.ts'
import { type Pem, PemError, PemFiles, readOnce, reasonOf } from '../tls/pem-files.ts'
import { unlocked } from '../tls/private-key.ts'
import { KnownSessions } from './known-sessions.ts'

/** What a connection is secured by. */
export interface SecureTerms {
  readonly context: SecureContext
  /** Whose certificate is expected, without a port. */
  readonly name: string
  /** Said to the server (SNI); empty: not. */
  readonly serverName: string
  readonly verify: boolean
  /** What is wrong with a certificate that somebody believed has signed; undefined: nothing. */
  judge(certificate: PeerCertificate): Error | undefined
  /** Null: none is taken up again. */
  readonly sessions: KnownSessions | null
}

/** Words for people: a file that cannot be used, and why. */
export class UpstreamTlsError extends Error {}

/** Works out a text with variables. */
type TextOf = (script: Script) => string

/** Contexts that requests have worked out; they may name any number of certificates. */
const REMEMBERED = 256

interface Ready {
  readonly context: SecureContext
  readonly sessions: KnownSessions
}

/** What all places that say the same share. */
class PlaceTerms {
  readonly #tls: ProxyTls
  readonly #options: SecureContextOptions
  readonly #passwords: readonly string[]
  readonly #commanded: readonly Pair[]
  readonly #files: PemFiles
  /** By what was read. */
  readonly #ready = new Map<string, Ready>()
  #fixed: Ready | null = null

  /** @throws UpstreamTlsError */
  constructor(tls: ProxyTls) {
    this.#tls = tls
    this.#options = optionsOf(tls)
    this.#passwords = tls.passwords?.lines ?? []
    const commanded = pairOf(tls.commands)
    this.#commanded = commanded === null ? [] : [commanded]
    this.#files = new PemFiles(tls.certificateCache)
    const { certificate, certificateKey } = tls
    if ([certificate, certificateKey].every(each => each === null || isConstant(each)))
      this.#fixed = this.#readyWith(({ text }) => text)
  }

  /** @throws UpstreamTlsError */
  for(textOf: TextOf): Ready {
    return this.#fixed ?? this.#readyWith(textOf)
  }

  #readyWith(textOf: TextOf): Ready {
    const { certificate, certificateKey } = this.#tls
    const cert = this.#read(certificate, 'certificate', textOf)
    const key = cert === null ? null : this.#read(certificateKey, 'certificate key', textOf)
    // Without its key the certificate would be left out, and whoever asks for it would say so in other words.
    if (cert !== null && certificateKey !== null && key === null)
      throw new PemError(
        `cannot load certificate key "${certificateKey.path.text}": its name comes out empty`,
      )
    const mark = cert === null || key === null ? '' : `${cert.mark}\n${key.mark}`
    let ready = this.#ready.get(mark)
    if (ready === undefined) {
      const pair = cert === null || key === null ? null : { cert: cert.bytes, key: this.#unlocked(key.bytes) }
      ready = { context: this.#contextWith(pair), sessions: new KnownSessions() }
      if (this.#ready.size >= REMEMBERED) this.#ready.clear()
      this.#ready.set(mark, ready)
    }
    return ready
  }

  /** Null: there is none, as where its name comes out empty (ngx_http_upstream_ssl_certificate). */
  #read(path: PemPath | null, what: string, textOf: TextOf): Pem | null {
    if (path === null) return null
    const name = isConstant(path) ? path.path.text : textOf(path.path)
    return name === '' ? null : this.#files.read(resolvePem(path, name), what)
  }

  // Each line of the password file is tried in turn.
  #unlocked(pem: Buffer): Buffer {
    const key = unlocked(pem, this.#passwords)
    if (key !== null) return key
    const { passwords, certificateKey } = this.#tls
    const why = passwords === null ? 'it has a password' : `no line of "${passwords.path}" opens it`
    throw new PemError(`cannot load certificate key "${certificateKey?.path.text}": ${why}`)
  }

  #contextWith(own: Pair | null): SecureContext {
    const pairs = lastOfEachKind([...(own === null ? [] : [own]), ...this.#commanded])
    const options = { ...this.#options }
    if (pairs.length > 0) {
      options.cert = pairs.map(({ cert }) => cert)
      options.key = pairs.map(({ key }) => key)
    }
    // Loaded with the first upstream that needs it: see node-http.ts.
    const { createSecureContext } = process.getBuiltinModule('node:tls')
    try {
      return createSecureContext(options)
    } catch (error) {
      const { certificate, ciphers } = this.#tls
      const what = certificate?.path.text ?? ciphers ?? 'proxy_ssl_…'
      throw new PemError(`cannot use "${what}" for TLS with the upstream: ${reasonOf(error)}`)
    }
  }
}

export class UpstreamTls {
  /** By what was said. */
  readonly #terms = new Map<string, PlaceTerms>()
  readonly #of = new WeakMap<ProxyTls, PlaceTerms>()

  /**
   * @param places whose files are read now
   * @throws UpstreamTlsError
   */
  constructor(places: Iterable<Settings>) {
    for (const tls of secured(places)) inWords(() => this.#termsOf(tls))
  }

  /**
   * The terms for a connection to whoever is called so.
   * @param host with or without a port
   * @throws UpstreamTlsError where variables name a certificate that cannot be used
   */
  of(tls: ProxyTls, host: string, textOf: TextOf): SecureTerms {
    const name = host.startsWith('[') ? host.slice(1, host.indexOf(']')) : host.replace(/:\d*$/, '')
    const isAddress = host.startsWith('[') || /^[\d.]+$/.test(name)
    const serverName = tls.serverName && !isAddress ? name : ''
    const { context, sessions } = inWords(() => this.#termsOf(tls).for(textOf))
    const { verify, verifyDepth, sessionReuse } = tls
    const judge = (certificate: PeerCertificate) => judged(certificate, name, verifyDepth)
    return { context, name, serverName, verify, judge, sessions: sessionReuse ? sessions : null }
  }

  #termsOf(tls: ProxyTls): PlaceTerms {
    let terms = this.#of.get(tls)
    if (terms !== undefined) return terms
    const { name: _name, serverName: _serverName, ...rest } = tls
    const key = JSON.stringify(rest, (field, value) => (field === 'at' ? undefined : value))
    terms = this.#terms.get(key)
    if (terms === undefined) this.#terms.set(key, (terms = new PlaceTerms(tls)))
    this.#of.set(tls, terms)
    return terms
  }
}

// Who is expected need not be who is said to be asked for.
function judged(certificate: PeerCertificate, name: string, depth: number): Error | undefined {
  if (chainTooLong(certificate as DetailedPeerCertificate, depth))
    return new Error('certificate chain too long')
  return process.getBuiltinModule('node:tls').checkServerIdentity(name, certificate)
}

function inWords<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof PemError) throw new UpstreamTlsError(error.message)
    throw error
  }
}

/** What is wrong with the files of a site's places, in words for people. */
export function checkUpstreamTls(places: Iterable<Settings>): Remark[] {
  const remarks = new Map<string, Remark>()
  for (const tls of secured(places)) {
    try {
      new PlaceTerms(tls)
    } catch (error) {
      if (!(error instanceof PemError)) throw error
      remarks.set(error.message, { level: 'emerg', message: error.message, at: tls.at })
    }
  }
  return [...remarks.values()]
}

function* secured(places: Iterable<Settings>): Iterable<ProxyTls> {
  const seen = new Set<ProxyTls>()
  for (const { pass, proxyTls } of places) {
    if (pass === null || (pass.kind === 'group' && !isSecure(pass.scheme)) || seen.has(proxyTls)) continue
    // Where variables may lead to https, nothing is made ready that nobody has said a word of.
    if (pass.kind === 'computed' && proxyTls.at === null) continue
    seen.add(proxyTls)
    yield proxyTls
  }
}

function optionsOf({ trusted, crl, protocols, ciphers, commands }: ProxyTls): SecureContextOptions {
  return {
    // Without a word of them nobody is verified, and none of the world's authorities need be loaded.
    ca: trusted === null ? [] : readOnce(trusted, 'certificates'),
    ...(crl !== null && { crl: readOnce(crl, 'revocation list') }),
    ...offerOf({ protocols, ciphers, curves: null, commands }),
  }
}
