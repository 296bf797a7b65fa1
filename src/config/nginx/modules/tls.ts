// TLS towards the client (ngx_http_ssl_module). Says what is to be; `listen/tls-terms.ts` makes it so.

import { type PemKeeping, readPemKeeping } from '../pem-keeping.ts'
import { type PemPath, readPemPath } from '../pem-path.ts'
import { chosen, count, flag, harmless, list, own, readFlag, refused, time, word } from '../rows.ts'
import { type Context, fromFolder, invalidValue, type Level, type Module, type Reading } from '../table.ts'
import { checkTls } from '../tls-check.ts'
import { readTlsPasswords, type TlsPasswords } from '../tls-passwords.ts'
import { PROTOCOLS, type Protocol, readTlsCommand, type TlsCommand } from '../tls-words.ts'
import type { At, DirectiveNode } from '../tree.ts'
import { readSize } from '../units.ts'

export interface TlsSettings {
  /** Of variables they may hold what is known before the handshake. The keys belong to the certificates in order. */
  readonly tlsCertificates: readonly PemPath[]
  readonly tlsKeys: readonly PemPath[]
  /** How those that variables name are kept; null: each handshake looks at the files. */
  readonly tlsCertificateCache: PemKeeping | null
  readonly tlsPasswords: TlsPasswords | null
  /** Null: the runtime's own, TLS 1.2 and 1.3. */
  readonly tlsProtocols: readonly Protocol[] | null
  /** OpenSSL's list for TLS up to 1.2; NGX_DEFAULT_CIPHERS where nothing is said. */
  readonly tlsCiphers: string
  readonly tlsServerOrder: boolean
  /** Milliseconds. */
  readonly tlsSessionTimeout: number
  readonly tlsTickets: boolean
  /** Where sessions are kept while there are no tickets; null: nowhere. */
  readonly tlsSessionCache: SessionCache | null
  readonly tlsTicketKeys: readonly TlsFile[]
  readonly tlsDhparam: TlsFile | null
  readonly tlsCurves: string | null
  /** The file of the authorities whose certificates clients are asked for. */
  readonly tlsClientCertificate: TlsFile | null
  /** More authorities that are believed. */
  readonly tlsTrusted: TlsFile | null
  readonly tlsVerify: 'on' | 'off' | 'optional' | 'optional_no_ca'
  readonly tlsVerifyDepth: number
  readonly tlsCrl: TlsFile | null
  /** Handshakes that ask for this server are refused. */
  readonly tlsRejects: boolean
  /** The older way to say `listen … ssl`: of all addresses whose default server this is. */
  readonly tlsOn: boolean
  readonly tlsCommands: readonly TlsCommand[]
  /** Clients are sent what `tlsStaplingFile` says of the certificate. */
  readonly tlsStapling: boolean
  readonly tlsStaplingFile: TlsFile | null
}

/** A file by its absolute path, and the line that names it. */
export interface TlsFile {
  readonly path: string
  readonly at: At
}

/** `ssl_session_cache`: whose name is the same have one, of the size that is said first. */
export interface SessionCache {
  readonly name: string
  readonly bytes: number
  /** By all threads; else each has its own. */
  readonly shared: boolean
}

const PLACES: readonly Context[] = ['http', 'server']
const STAPLING =
  'answers of OCSP are not fetched; name one in "ssl_stapling_file", or let clients ask the authority themselves'

const file = (name: string, field: keyof TlsSettings) => own(name, PLACES, 1, field, fileAt)

export const tls: Module = {
  name: 'ngx_http_ssl_module',
  rows: [
    list('ssl_certificate', PLACES, 1, 'tlsCertificates', readPem),
    list('ssl_certificate_key', PLACES, 1, 'tlsKeys', readPem),
    own('ssl_password_file', PLACES, 1, 'tlsPasswords', readTlsPasswords),
    {
      ...own('ssl_protocols', PLACES, [1, Number.POSITIVE_INFINITY], 'tlsProtocols', readProtocols),
      repeats: true,
    },
    own('ssl_ciphers', PLACES, 1, 'tlsCiphers', ({ args }) => args[0]!),
    flag('ssl_prefer_server_ciphers', PLACES, 'tlsServerOrder'),
    time('ssl_session_timeout', PLACES, 'tlsSessionTimeout'),
    { ...own('ssl_session_cache', PLACES, [1, 2], 'tlsSessionCache', readSessionCache), repeats: true },
    flag('ssl_session_tickets', PLACES, 'tlsTickets'),
    list('ssl_session_ticket_key', PLACES, 1, 'tlsTicketKeys', (node, reading) => [fileAt(node, reading)]),
    file('ssl_dhparam', 'tlsDhparam'),
    own('ssl_ecdh_curve', PLACES, 1, 'tlsCurves', ({ args }) => args[0]!),
    file('ssl_client_certificate', 'tlsClientCertificate'),
    file('ssl_trusted_certificate', 'tlsTrusted'),
    word('ssl_verify_client', PLACES, 'tlsVerify', ['on', 'off', 'optional', 'optional_no_ca']),
    count('ssl_verify_depth', PLACES, 'tlsVerifyDepth'),
    file('ssl_crl', 'tlsCrl'),
    flag('ssl_reject_handshake', PLACES, 'tlsRejects'),
    list('ssl_conf_command', PLACES, 2, 'tlsCommands', readCommand),
    own('ssl', PLACES, 1, 'tlsOn', readSsl),
    harmless('ssl_buffer_size', PLACES, 'size', 'records are cut to what the kernel takes'),
    harmless(
      'ssl_early_data',
      PLACES,
      'flag',
      'no request is taken before the handshake has ended, so that none can be replayed',
    ),
    // Without a file it has no effect.
    { ...flag('ssl_stapling', PLACES, 'tlsStapling'), state: 'harmless', note: STAPLING },
    file('ssl_stapling_file', 'tlsStaplingFile'),
    harmless('ssl_stapling_responder', PLACES, 1, STAPLING),
    harmless('ssl_stapling_verify', PLACES, 'flag', STAPLING),
    refused(
      'ssl_ocsp',
      PLACES,
      'client certificates are not looked up by OCSP; give a list in "ssl_crl" instead',
    ),
    harmless('ssl_ocsp_cache', PLACES, 1, 'client certificates are not looked up by OCSP'),
    harmless('ssl_ocsp_responder', PLACES, 1, 'client certificates are not looked up by OCSP'),
    own('ssl_certificate_cache', PLACES, [1, 3], 'tlsCertificateCache', readPemKeeping),
    harmless('ssl_certificate_compression', PLACES, 1, 'certificates are sent as they are'),
    harmless('ssl_object_cache_inheritable', ['main'], 1, 'certificates are read anew with the file'),
  ],
  defaults: {
    tlsCertificates: [],
    tlsKeys: [],
    tlsCertificateCache: null,
    tlsPasswords: null,
    tlsProtocols: null,
    tlsCiphers: 'HIGH:!aNULL:!MD5',
    tlsServerOrder: false,
    tlsSessionTimeout: 300_000,
    tlsTickets: true,
    tlsSessionCache: null,
    tlsTicketKeys: [],
    tlsDhparam: null,
    tlsCurves: null,
    tlsClientCertificate: null,
    tlsTrusted: null,
    tlsVerify: 'off',
    tlsVerifyDepth: 1,
    tlsCrl: null,
    tlsRejects: false,
    tlsOn: false,
    tlsCommands: [],
    tlsStapling: false,
    tlsStaplingFile: null,
  } satisfies TlsSettings,
  check: (site, _places, reading) => checkTls(site, reading),
}

function fileAt({ args, at }: DirectiveNode, reading: Reading): TlsFile {
  return { path: fromFolder(args[0]!, reading), at }
}

// Gone since nginx 1.25.1, and in many files still.
function readSsl(node: DirectiveNode, reading: Reading): boolean | undefined {
  const on = readFlag(node, reading)
  if (on === true)
    reading.remark('warn', 'the "ssl" directive is deprecated; write "listen … ssl" instead', node.at)
  return on
}

function readPem(node: DirectiveNode, reading: Reading): PemPath[] {
  const path = readPemPath(node, reading)
  return path === null ? [] : [path]
}

function readProtocols(
  node: DirectiveNode,
  reading: Reading,
  { own: { tlsProtocols = [] } }: Level,
): Protocol[] | undefined {
  const known = ['SSLv2', 'SSLv3', ...PROTOCOLS]
  const wrong = node.args.find(name => !known.some(each => each.toLowerCase() === name.toLowerCase()))
  if (wrong !== undefined) {
    reading.problem(invalidValue(node, wrong), node.at)
    return undefined
  }
  const named = chosen(node, known, tlsProtocols as Protocol[], reading)
  const spoken = PROTOCOLS.filter(name => named.includes(name))
  if (spoken.length > 0) return spoken
  reading.problem(
    `"${node.name}" has SSL only, which is not spoken any more; add TLSv1.2 and TLSv1.3`,
    node.at,
  )
  return undefined
}

/** What OpenSSL keeps for `builtin` where no size is said, with about a kilobyte for each session. */
const BUILTIN_SESSIONS = 20_480

// Counts where there are no tickets, which clients keep themselves; the words are checked all the same.
function readSessionCache(node: DirectiveNode, reading: Reading): SessionCache | null {
  let cache: SessionCache | null = null
  for (const each of node.args) {
    const [, builtin, count, name, size] =
      /^(?:off|none|(builtin)(?::(\d+))?|shared:([^:]+):(\d+[kKmM]?))$/.exec(each) ?? []
    if (name !== undefined) cache = { name, bytes: readSize(size!) ?? 0, shared: true }
    else if (builtin !== undefined)
      cache ??= { name: 'builtin', bytes: Number(count ?? BUILTIN_SESSIONS) * 1024, shared: false }
    else if (each !== 'off' && each !== 'none') reading.problem(`invalid session cache "${each}"`, node.at)
  }
  return cache
}

function readCommand(node: DirectiveNode, reading: Reading): TlsCommand[] {
  const command = readTlsCommand(node, reading)
  return command === undefined ? [] : [command]
}
