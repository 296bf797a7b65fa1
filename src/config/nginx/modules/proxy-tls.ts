// TLS towards the upstream (the `proxy_ssl_…` part of ngx_http_proxy_module). Says what is to be;
// `upstream/upstream-tls.ts` makes it so.

import type { Script } from '../site.ts'
import {
  EVERYWHERE,
  fromFolder,
  harmless,
  invalidValue,
  type Level,
  type Module,
  own,
  type Reading,
  type Row,
} from '../table.ts'
import type { At, DirectiveNode } from '../tree.ts'

export interface ProxyTlsSettings {
  /** One record, so that it can be handed to a connection as a whole. */
  readonly proxyTls: ProxyTls
}

/** Paths are absolute; null: not said. */
export interface ProxyTls {
  readonly certificate: string | null
  readonly certificateKey: string | null
  readonly trusted: string | null
  readonly verify: boolean
  /** Whose certificate is expected, and who is asked for; null: the host of `proxy_pass`. */
  readonly name: Script | null
  /** Whether it is said who is asked for (SNI). */
  readonly serverName: boolean
  readonly ciphers: string | null
  readonly protocols: readonly string[]
  readonly crl: string | null
  readonly passwordFile: string | null
  /** Where the last of it was said. */
  readonly at: At | null
}

const NO_TLS: ProxyTls = {
  certificate: null,
  certificateKey: null,
  trusted: null,
  verify: false,
  name: null,
  serverName: false,
  ciphers: null,
  protocols: [],
  crl: null,
  passwordFile: null,
  at: null,
}

const PROTOCOLS = ['SSLv2', 'SSLv3', 'TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']
const ONE_REQUEST = 'each connection to the upstream carries one request'

function row<Field extends keyof ProxyTls>(
  name: string,
  field: Field,
  read: (node: DirectiveNode, reading: Reading) => ProxyTls[Field] | undefined,
  args: Row['args'] = 1,
): Row {
  return own(name, EVERYWHERE, args, 'proxyTls', (node, reading, level: Level) => {
    const value = read(node, reading)
    const before = level.own.proxyTls as Partial<ProxyTls> | undefined
    return value === undefined ? before : { ...before, [field]: value, at: node.at }
  })
}

function path(node: DirectiveNode, reading: Reading): string | null | undefined {
  const text = node.args[0]!
  if (text === '') return null
  if (text.includes('$')) {
    reading.problem(`"${node.name}" with variables is not supported: name one file in each location`, node.at)
    return undefined
  }
  if (/^(?:data|engine|store):/.test(text)) {
    const kind = text.slice(0, text.indexOf(':'))
    reading.problem(`"${kind}:" is not supported in "${node.name}": name a file`, node.at)
    return undefined
  }
  return fromFolder(text, reading)
}

function isOn(node: DirectiveNode, reading: Reading): boolean | undefined {
  const value = node.args[0]!.toLowerCase()
  if (value === 'on' || value === 'off') return value === 'on'
  reading.problem(invalidValue(node, node.args[0]!, '"on" or "off"'), node.at)
  return undefined
}

function protocols({ args, at }: DirectiveNode, reading: Reading): readonly string[] {
  for (const each of args) if (!PROTOCOLS.includes(each)) reading.problem(`invalid value "${each}"`, at)
  return args
}

export const proxyTls: Module = {
  name: 'ngx_http_proxy_module',
  rows: [
    row('proxy_ssl_certificate', 'certificate', path),
    row('proxy_ssl_certificate_key', 'certificateKey', path),
    row('proxy_ssl_trusted_certificate', 'trusted', path),
    row('proxy_ssl_verify', 'verify', isOn),
    row('proxy_ssl_name', 'name', ({ args, at }) => ({ text: args[0]!, at })),
    row('proxy_ssl_server_name', 'serverName', isOn),
    row('proxy_ssl_ciphers', 'ciphers', ({ args }) => args[0]!),
    row('proxy_ssl_protocols', 'protocols', protocols, [1, Number.POSITIVE_INFINITY]),
    row('proxy_ssl_crl', 'crl', path),
    row('proxy_ssl_password_file', 'passwordFile', path),
    harmless('proxy_ssl_session_reuse', EVERYWHERE, 1, ONE_REQUEST),
    harmless('proxy_ssl_verify_depth', EVERYWHERE, 1, 'chains of any length are verified'),
  ],
  defaults: { proxyTls: NO_TLS },
  merge(settings, own, around) {
    // Each of its directives is inherited by itself.
    if (own.proxyTls !== undefined)
      settings.proxyTls = { ...NO_TLS, ...(around.proxyTls as object), ...own.proxyTls }
  },
  check(_site, places, reading) {
    const seen = new Set<ProxyTls>()
    for (const { pass, proxyTls: tls } of places) {
      if (pass === null || seen.has(tls)) continue
      // As nginx: where variables may lead to https, it is ready for that.
      if (pass.kind === 'group' && pass.scheme === 'http') continue
      seen.add(tls)
      const { certificate, certificateKey, verify, trusted, at } = tls
      if (at === null) continue
      if (certificate !== null && certificateKey === null)
        reading.problem(`no "proxy_ssl_certificate_key" is defined for certificate "${certificate}"`, at)
      if (verify && trusted === null)
        reading.problem('no proxy_ssl_trusted_certificate for proxy_ssl_verify', at)
    }
  },
}
