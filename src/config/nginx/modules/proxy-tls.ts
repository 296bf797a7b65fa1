// TLS towards the upstream: `proxy_ssl_…` (ngx_http_proxy_module), and the same under the names of others. Says what is
// to be; `upstream/upstream-tls.ts` makes it so.

import { type PemKeeping, readPemKeeping } from '../pem-keeping.ts'
import { type PemPath, readPemPath } from '../pem-path.ts'
import { chosen, own, readCount, readFlag } from '../rows.ts'
import type { Script } from '../site.ts'
import { EVERYWHERE, fromFolder, type Level, type Module, type Reading, type Row } from '../table.ts'
import { readTlsPasswords, type TlsPasswords } from '../tls-passwords.ts'
import { PROTOCOLS, readTlsCommand, type TlsCommand } from '../tls-words.ts'
import type { At, DirectiveNode } from '../tree.ts'
import { isSecure } from './proxy.ts'

export interface ProxyTlsSettings {
  /** One record, so that it can be handed to a connection as a whole. */
  readonly proxyTls: ProxyTls
}

/** Paths are absolute; null: not said. */
export interface ProxyTls {
  readonly certificate: PemPath | null
  readonly certificateKey: PemPath | null
  /** How those that variables name are kept; null: each request looks at the files. */
  readonly certificateCache: PemKeeping | null
  readonly trusted: string | null
  readonly verify: boolean
  /** Whose certificate is expected, and who is asked for; null: the host of `proxy_pass`. */
  readonly name: Script | null
  /** Whether it is said who is asked for (SNI). */
  readonly serverName: boolean
  readonly ciphers: string | null
  readonly protocols: readonly string[]
  readonly crl: string | null
  readonly passwords: TlsPasswords | null
  readonly commands: readonly TlsCommand[]
  /** Sessions are taken up again. */
  readonly sessionReuse: boolean
  /** Authorities between a certificate and one that is believed. */
  readonly verifyDepth: number
  /** Where the last of it was said. */
  readonly at: At | null
}

export const NO_TLS: ProxyTls = {
  certificate: null,
  certificateKey: null,
  certificateCache: null,
  trusted: null,
  verify: false,
  name: null,
  serverName: false,
  ciphers: null,
  protocols: [],
  crl: null,
  passwords: null,
  commands: [],
  sessionReuse: true,
  verifyDepth: 1,
  at: null,
}

const KNOWN: readonly string[] = ['SSLv2', 'SSLv3', ...PROTOCOLS]

function row<Field extends keyof ProxyTls>(
  name: string,
  field: Field,
  read: (
    node: DirectiveNode,
    reading: Reading,
    before: ProxyTls[Field] | undefined,
  ) => ProxyTls[Field] | undefined,
  { args = 1, repeats = false }: Partial<Pick<Row, 'args' | 'repeats'>> = {},
): Row {
  const take = own(name, EVERYWHERE, args, 'proxyTls', (node, reading, level: Level) => {
    const before = level.own.proxyTls as Partial<ProxyTls> | undefined
    const value = read(node, reading, before?.[field])
    return value === undefined ? before : { ...before, [field]: value, at: node.at }
  })
  return { ...take, repeats }
}

function path(node: DirectiveNode, reading: Reading): string | null | undefined {
  const text = node.args[0]!
  if (text === '') return null
  return fromFolder(text, reading)
}

function pem(node: DirectiveNode, reading: Reading): PemPath | null | undefined {
  if (node.args[0] === '') return null
  return readPemPath(node, reading) ?? undefined
}

function command(
  node: DirectiveNode,
  reading: Reading,
  before: readonly TlsCommand[] = [],
): readonly TlsCommand[] | undefined {
  const read = readTlsCommand(node, reading)
  return read === undefined ? undefined : [...before, read]
}

function protocols(node: DirectiveNode, reading: Reading, before: readonly string[] = []): readonly string[] {
  return chosen(node, KNOWN, before, reading)
}

/** The rows of one module. @param prefix what its directives begin with, such as `proxy` */
export function tlsRows(prefix: string): Row[] {
  const named = (name: string) => `${prefix}_ssl_${name}`
  return [
    row(named('certificate'), 'certificate', pem),
    row(named('certificate_key'), 'certificateKey', pem),
    row(named('certificate_cache'), 'certificateCache', readPemKeeping, { args: [1, 3] }),
    row(named('trusted_certificate'), 'trusted', path),
    row(named('verify'), 'verify', readFlag),
    row(named('name'), 'name', ({ args, at }) => ({ text: args[0]!, at })),
    row(named('server_name'), 'serverName', readFlag),
    row(named('ciphers'), 'ciphers', ({ args }) => args[0]!),
    row(named('protocols'), 'protocols', protocols, { args: [1, Number.POSITIVE_INFINITY], repeats: true }),
    row(named('crl'), 'crl', path),
    row(named('password_file'), 'passwords', readTlsPasswords),
    row(named('conf_command'), 'commands', command, { args: 2, repeats: true }),
    row(named('session_reuse'), 'sessionReuse', readFlag),
    row(named('verify_depth'), 'verifyDepth', readCount),
  ]
}

/** What is said in a block, and in the one around it where that is said of more. */
export function mergedTls(own: Partial<ProxyTls> | undefined, around: ProxyTls): ProxyTls {
  // Each of its directives is inherited by itself.
  return own === undefined ? around : { ...NO_TLS, ...around, ...own }
}

export const proxyTls: Module = {
  name: 'ngx_http_proxy_module',
  rows: tlsRows('proxy'),
  defaults: { proxyTls: NO_TLS },
  merge(settings, own, around) {
    if (own.proxyTls !== undefined)
      settings.proxyTls = mergedTls(own.proxyTls as Partial<ProxyTls>, around.proxyTls as ProxyTls)
  },
  check(_site, places, reading) {
    const seen = new Set<ProxyTls>()
    for (const { pass, proxyTls: tls } of places) {
      if (pass === null || seen.has(tls)) continue
      // As nginx: where variables may lead to https, it is ready for that.
      if (pass.kind === 'group' && !isSecure(pass.scheme)) continue
      seen.add(tls)
      const { certificate, certificateKey, verify, trusted, at } = tls
      if (at === null) continue
      const prefix = pass.family === 'http' ? 'proxy' : pass.family
      if (certificate !== null && certificateKey === null)
        reading.problem(
          `no "${prefix}_ssl_certificate_key" is defined for certificate "${certificate.path.text}"`,
          at,
        )
      if (verify && trusted === null)
        reading.problem(`no ${prefix}_ssl_trusted_certificate for ${prefix}_ssl_verify`, at)
    }
  },
}
