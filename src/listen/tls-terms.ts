// The terms of TLS that a server offers: certificates, protocols, whose certificates it asks for. Made from the settings
// and their files, once; a handshake then only picks one. Says for people what is wrong with a file.

import { createHash, createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { SecureContext, SecureContextOptions, SecureVersion } from 'node:tls'
import { PROTOCOLS, type Protocol, type TlsFile, type TlsSettings } from '../config/nginx/modules/tls.ts'
import type { Script, ServerConfig } from '../config/nginx/site.ts'
import type { At } from '../config/nginx/tree.ts'
import { nodeTls } from './node-tls.ts'
import { sessionsOf, type TlsSessions } from './tls-sessions.ts'

export interface TlsTerms {
  readonly server: ServerConfig
  readonly context: SecureContext
  /** Clients are asked for a certificate. */
  readonly asksClient: boolean
  /** Where sessions are kept; null: with their clients, or nowhere. */
  readonly sessions: TlsSessions | null
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

/** What OpenSSL offers of TLS 1.3 by default: `ssl_ciphers` is about TLS up to 1.2 alone. */
const SUITES = 'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256'

/**
 * @param serverName what stands for `$ssl_server_name` in the names of files
 * @throws TlsFileError in words for people
 */
export function makeTerms(server: ServerConfig, serverName = ''): TlsTerms {
  const { settings } = server
  const rejects = settings.tlsRejects
  const asksClient = settings.tlsVerify !== 'off'
  const cache = settings.tlsTickets ? null : settings.tlsSessionCache
  const sessions = cache === null ? null : sessionsOf(cache)
  if (rejects && settings.tlsCertificates.length === 0)
    return { server, context: nodeTls().createSecureContext(), asksClient, sessions, rejects }
  const options = { ...optionsOf(settings), ...certificatesOf(settings, serverName) }
  try {
    return { server, context: nodeTls().createSecureContext(options), asksClient, sessions, rejects }
  } catch (error) {
    const first = settings.tlsCertificates[0]
    throw new TlsFileError(
      `cannot use certificate "${first?.text}" with its key and settings: ${messageOf(error)}`,
      first?.at ?? server.at,
    )
  }
}

/** Whether certificates are chosen anew with each handshake. */
export function dependsOnName({ settings }: ServerConfig): boolean {
  return [...settings.tlsCertificates, ...settings.tlsKeys].some(({ text }) => text.includes('$'))
}

// — certificates and keys

function certificatesOf(settings: TlsSettings, serverName: string): SecureContextOptions {
  const passphrases = passphrasesOf(settings)
  const cert = settings.tlsCertificates.map(each => read(each, serverName, 'certificate'))
  const key = settings.tlsKeys.map(each =>
    unlocked(read(each, serverName, 'certificate key'), each, passphrases),
  )
  return { cert, key }
}

function read({ text, at }: Script, serverName: string, what: string): Buffer {
  const path = text.replaceAll(/\$(?:ssl_server_name\b|\{ssl_server_name\})/g, serverName)
  return readAt(path, at, what)
}

function readAt(path: string, at: At, what: string): Buffer {
  try {
    return readFileSync(Buffer.from(path, 'latin1'))
  } catch (error) {
    throw new TlsFileError(`cannot load ${what} "${path}": ${messageOf(error)}`, at)
  }
}

function passphrasesOf({ tlsPasswordFile }: TlsSettings): Buffer[] {
  if (tlsPasswordFile === null) return []
  const text = readAt(tlsPasswordFile.path, tlsPasswordFile.at, 'password file').toString('latin1')
  const lines = text.split('\n').filter(line => line !== '')
  return lines.map(line => Buffer.from(line.replace(/\r$/, ''), 'latin1'))
}

// Each line of the password file is tried in turn, as nginx does.
function unlocked(pem: Buffer, { text, at }: Script, passphrases: readonly Buffer[]): Buffer {
  if (!pem.includes('ENCRYPTED')) return pem
  for (const passphrase of passphrases) {
    try {
      const key = createPrivateKey({ key: pem, passphrase })
      return Buffer.from(key.export({ type: 'pkcs8', format: 'pem' }))
    } catch {
      // The next may be the one.
    }
  }
  throw new TlsFileError(`cannot load certificate key "${text}": no line of "ssl_password_file" opens it`, at)
}

// — everything else

function optionsOf(settings: TlsSettings): SecureContextOptions {
  const commands = new Map(settings.tlsCommands.map(({ name, value }) => [name, value]))
  const chosen = settings.tlsProtocols
  const min = commands.get('minprotocol') ?? chosen?.[0]
  const max = commands.get('maxprotocol') ?? chosen?.at(-1)
  const suites = commands.get('ciphersuites')
  const list = settings.tlsCiphers
  const curves = commands.get('groups') ?? settings.tlsCurves
  const sigalgs = commands.get('sigalgs')
  const pem = ({ path, at }: TlsFile, what: string): Buffer => readAt(path, at, what)
  const authorities = [settings.tlsClientCertificate, settings.tlsTrusted].filter(file => file !== null)
  // OpenSSL allows weaker keys and hashes for the old versions only at its level 0.
  const old = min === 'TLSv1' || min === 'TLSv1.1'
  const ciphers = list ?? (suites === undefined && !old ? null : nodeTls().DEFAULT_CIPHERS)
  return {
    ...(min === undefined ? {} : { minVersion: min as SecureVersion }),
    ...(max === undefined ? {} : { maxVersion: max as SecureVersion }),
    ...(ciphers === null ? {} : { ciphers: `${suites ?? SUITES}:${ciphers}${old ? ':@SECLEVEL=0' : ''}` }),
    ...(curves === null ? {} : { ecdhCurve: curves }),
    ...(sigalgs === undefined ? {} : { sigalgs }),
    ...(settings.tlsDhparam === null ? {} : { dhparam: pem(settings.tlsDhparam, 'dhparam file') }),
    ...(authorities.length === 0 ? {} : { ca: authorities.map(file => pem(file, 'certificates')) }),
    ...(settings.tlsCrl === null ? {} : { crl: pem(settings.tlsCrl, 'revocation list') }),
    honorCipherOrder: settings.tlsServerOrder,
    sessionTimeout: Math.round(settings.tlsSessionTimeout / 1_000),
    sessionIdContext: sessionContext(settings),
    secureOptions: forbidden(chosen) | (settings.tlsTickets ? 0 : nodeConstants().SSL_OP_NO_TICKET),
    ...ticketKeys(settings),
  }
}

function nodeConstants(): typeof import('node:crypto').constants {
  return process.getBuiltinModule('node:crypto').constants
}

/** Versions between the lowest and the highest that are not wanted. */
function forbidden(chosen: readonly Protocol[] | null): number {
  if (chosen === null) return 0
  const constants = nodeConstants()
  const bits = {
    TLSv1: constants.SSL_OP_NO_TLSv1,
    'TLSv1.1': constants.SSL_OP_NO_TLSv1_1,
    'TLSv1.2': constants.SSL_OP_NO_TLSv1_2,
    'TLSv1.3': constants.SSL_OP_NO_TLSv1_3,
  }
  return PROTOCOLS.filter(name => !chosen.includes(name)).reduce((sum, name) => sum | bits[name], 0)
}

// A session that began where no certificate was asked for must not be taken up where one is.
function sessionContext({ tlsCertificates, tlsClientCertificate, tlsVerify }: TlsSettings): string {
  const names = tlsCertificates.map(({ text }) => text)
  const all = JSON.stringify([names, tlsClientCertificate?.path, tlsVerify])
  return createHash('sha256').update(all).digest('hex').slice(0, 32)
}

// nginx: a name, 16 bytes for AES, 16 for HMAC; with 80 bytes a name and 32 of each. Node: a name, 16 for HMAC, 16 for
// AES, and one key; the longer kind is cut down alike on every machine that has the file.
function ticketKeys({ tlsTicketKeys }: TlsSettings): SecureContextOptions {
  const file = tlsTicketKeys[0]
  if (file === undefined) return {}
  const { path, at } = file
  const key = readAt(path, at, 'session ticket key')
  if (key.length !== 48 && key.length !== 80) throw new TlsFileError(`"${path}" must be 48 or 80 bytes`, at)
  const half = (key.length - 16) / 2
  const [name, first, second] = [key.subarray(0, 16), key.subarray(16, 16 + half), key.subarray(16 + half)]
  const [aes, hmac] = key.length === 48 ? [first, second] : [second, first]
  return { ticketKeys: Buffer.concat([name, hmac.subarray(0, 16), aes.subarray(0, 16)]) }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read it',
  EISDIR: 'it is a folder',
}

function messageOf(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException
  return REASONS[code] ?? message
}
