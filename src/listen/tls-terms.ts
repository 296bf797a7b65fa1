// The terms of TLS that a server offers: certificates, protocols, whose certificates it asks for. Made from the settings
// and their files, once; a handshake then only picks one. Says for people what is wrong with a file.

import { createHash } from 'node:crypto'
import type { SecureContext, SecureContextOptions } from 'node:tls'
import type { TlsFile, TlsSettings } from '../config/nginx/modules/tls.ts'
import type { PemPath } from '../config/nginx/pem-path.ts'
import type { ServerConfig } from '../config/nginx/site.ts'
import type { At } from '../config/nginx/tree.ts'
import { offerOf, optionOf, pairOf } from '../tls/offer.ts'
import { lastOfEachKind, type Pair } from '../tls/pairs.ts'
import { type Pem, PemError, PemFiles, readOnce, reasonOf } from '../tls/pem-files.ts'
import { unlocked } from '../tls/private-key.ts'
import { FILE_LENGTHS, keyOfFile, MadeKeys, type TicketKeys, useTicketKeys } from '../tls/ticket-keys.ts'
import { type Authorities, contextWith } from './client-authorities.ts'
import type { CurveWords } from './negotiated-curve.ts'
import { sessionsOf, type TlsMemory, type TlsSessions } from './tls-sessions.ts'

export interface TlsTerms {
  readonly server: ServerConfig
  readonly context: SecureContext
  /** Clients are asked for a certificate. */
  readonly asksClient: boolean
  /** Where sessions are kept; null: with their clients, or nowhere. */
  readonly sessions: TlsSessions | null
  /** What clients are told of the authority's word on the certificate, as DER; null: nothing. */
  readonly staple: Buffer | null
  readonly curves: CurveWords
  /** The handshake is refused. */
  readonly rejects: boolean
}

/** A file that cannot be used, and the directive that names it. */
export class TlsFileError extends Error {
  readonly at: At

  constructor(message: string, at: At) {
    super(message)
    this.at = at
  }
}

/** What a server's settings and their files come to, but for certificates and keys. */
export class ServerTerms {
  readonly #server: ServerConfig
  readonly #options: SecureContextOptions
  /** A certificate that a command brings, with its key. */
  readonly #commanded: readonly Pair[]
  readonly #authorities: Authorities
  readonly #passwords: readonly string[]
  readonly #tickets: TicketKeys | null
  readonly #sessions: TlsSessions | null
  readonly #staple: Buffer | null

  /**
   * @param memory what all threads share
   * @throws TlsFileError in words for people
   */
  constructor(server: ServerConfig, memory: TlsMemory) {
    const { settings } = server
    this.#server = server
    this.#options = attempt(server.at, () => optionsOf(settings))
    const commanded = attempt(server.at, () => pairOf(settings.tlsCommands))
    this.#commanded = commanded === null ? [] : [commanded]
    const told = settings.tlsClientCertificate && pemOf(settings.tlsClientCertificate, 'certificates')
    const silent = settings.tlsTrusted && pemOf(settings.tlsTrusted, 'certificates')
    // Many files have ssl_trusted_certificate for stapling alone, and it takes a while.
    this.#authorities = settings.tlsVerify === 'off' ? { told: null, silent: null } : { told, silent }
    this.#passwords = settings.tlsPasswords?.lines ?? []
    this.#tickets = ticketKeys(settings, memory.tickets)
    this.#staple = stapleOf(settings)
    const cache = hasTickets(settings) ? null : settings.tlsSessionCache
    this.#sessions = cache === null ? null : sessionsOf(cache, memory)
  }

  /**
   * The certificates and keys, in the order of the file.
   * @param read gets what one of them is now
   * @throws TlsFileError in words for people
   */
  read(read: (path: PemPath, what: string) => Pem): ReadonlyMap<PemPath, Pem> {
    const { tlsCertificates, tlsKeys } = this.#server.settings
    const pems = new Map<PemPath, Pem>()
    for (const each of tlsCertificates)
      pems.set(
        each,
        attempt(each.path.at, () => read(each, 'certificate')),
      )
    for (const each of tlsKeys)
      pems.set(
        each,
        attempt(each.path.at, () => read(each, 'certificate key')),
      )
    return pems
  }

  /**
   * @param pems what `read` gave
   * @throws TlsFileError in words for people
   */
  with(pems: ReadonlyMap<PemPath, Pem>): TlsTerms {
    const { settings, at } = this.#server
    const key = settings.tlsKeys.map(each => this.#unlocked(each, pems.get(each)!))
    const own = settings.tlsCertificates.map((each, n) => ({ cert: pems.get(each)!.bytes, key: key[n]! }))
    const pairs = lastOfEachKind([...own, ...this.#commanded])
    let context: SecureContext
    try {
      const certificates = { cert: pairs.map(({ cert }) => cert), key: pairs.map(each => each.key) }
      context = contextWith({ ...this.#options, ...(pairs.length > 0 && certificates) }, this.#authorities)
    } catch (error) {
      const first = settings.tlsCertificates[0]?.path
      throw new TlsFileError(
        `cannot use certificate "${first?.text}" with its key and settings: ${reasonOf(error)}`,
        first?.at ?? at,
      )
    }
    if (this.#tickets !== null) useTicketKeys(context, this.#tickets)
    return {
      server: this.#server,
      context,
      asksClient: settings.tlsVerify !== 'off',
      sessions: this.#sessions,
      staple: this.#staple,
      curves: {
        list: settings.tlsCommands.findLast(({ name }) => name === 'groups')?.value ?? settings.tlsCurves,
        serverOrder: hasServerOrder(settings),
      },
      rejects: settings.tlsRejects,
    }
  }

  #unlocked({ path: { text, at } }: PemPath, { bytes }: Pem): Buffer {
    const key = unlocked(bytes, this.#passwords)
    if (key !== null) return key
    throw new TlsFileError(
      `cannot load certificate key "${text}": no line of "ssl_password_file" opens it`,
      at,
    )
  }
}

// — files

function attempt<T>(at: At, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof PemError)) throw error
    throw new TlsFileError(error.message, at)
  }
}

/** As the file says it, without variables. */
export function readConstant({ path }: PemPath, what: string): Pem {
  return new PemFiles().read(path.text, what)
}

function pemOf({ path, at }: TlsFile, what: string): Buffer {
  return attempt(at, () => readOnce(path, what))
}

// — everything else

function optionsOf(settings: TlsSettings): SecureContextOptions {
  const { tlsProtocols, tlsCiphers, tlsCurves, tlsCommands, tlsDhparam, tlsCrl, tlsSessionTimeout } = settings
  const offer = offerOf({
    protocols: tlsProtocols ?? [],
    ciphers: tlsCiphers,
    curves: tlsCurves,
    commands: tlsCommands,
  })
  const { SSL_OP_NO_TICKET, SSL_OP_NO_RENEGOTIATION } = process.getBuiltinModule('node:crypto').constants
  const forbidden =
    (hasTickets(settings) ? 0 : SSL_OP_NO_TICKET) |
    // A client that begins again and again costs nothing itself (nginx forbids it, too).
    (optionOf(tlsCommands, 'norenegotiation') === false ? 0 : SSL_OP_NO_RENEGOTIATION)
  return {
    ...(tlsDhparam !== null && { dhparam: pemOf(tlsDhparam, 'dhparam file') }),
    ...(tlsCrl !== null && { crl: pemOf(tlsCrl, 'revocation list') }),
    honorCipherOrder: hasServerOrder(settings),
    sessionTimeout: Math.round(tlsSessionTimeout / 1_000),
    sessionIdContext: sessionContext(settings),
    ...offer,
    secureOptions: (offer.secureOptions ?? 0) | forbidden,
  }
}

function stapleOf({ tlsStapling, tlsStaplingFile: file }: TlsSettings): Buffer | null {
  if (!tlsStapling || file === null) return null
  const der = pemOf(file, 'OCSP response')
  // RFC 6960 §4.2.1: a sequence, which begins with its status.
  if (der[0] === 0x30 && der.length > 4) return der
  throw new TlsFileError(`"${file.path}" is no OCSP response in DER`, file.at)
}

function hasServerOrder({ tlsCommands, tlsServerOrder }: TlsSettings): boolean {
  return optionOf(tlsCommands, 'serverpreference') ?? tlsServerOrder
}

function hasTickets({ tlsCommands, tlsTickets }: TlsSettings): boolean {
  return optionOf(tlsCommands, 'sessionticket') ?? tlsTickets
}

// A session that began where no certificate was asked for, or others were believed, must not be taken up where it is.
function sessionContext(settings: TlsSettings): string {
  const { tlsCertificates, tlsClientCertificate, tlsTrusted, tlsCrl, tlsVerify } = settings
  const names = tlsCertificates.map(({ path }) => path.text)
  const asked = tlsVerify === 'off' ? [] : [tlsClientCertificate?.path, tlsTrusted?.path, tlsCrl?.path]
  const all = JSON.stringify([names, ...asked, tlsVerify])
  return createHash('sha256').update(all).digest('hex').slice(0, 32)
}

// The first file seals, all of them open. Without files, servers that share a zone of sessions share their keys, as in
// nginx since 1.23.2.
function ticketKeys(settings: TlsSettings, memory: SharedArrayBuffer | null): TicketKeys | null {
  const { tlsTicketKeys, tlsSessionCache, tlsSessionTimeout } = settings
  if (!hasTickets(settings)) return null
  if (tlsTicketKeys.length === 0) {
    const label = `${tlsSessionCache === null ? 'alone' : `zone ${tlsSessionCache.name}`} ${sessionContext(settings)}`
    return memory === null ? null : new MadeKeys(memory, label, tlsSessionTimeout)
  }
  const keys = tlsTicketKeys.map(file => {
    const bytes = pemOf(file, 'session ticket key')
    if (FILE_LENGTHS.includes(bytes.length)) return keyOfFile(bytes)
    throw new TlsFileError(`"${file.path}" must be 48 or 80 bytes`, file.at)
  })
  return { now: () => keys }
}
