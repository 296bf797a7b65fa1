// Texts whose variables are worked out before a handshake, when no request is there: what may stand in them, and what it
// comes to (`ssl_certificate` with variables, ngx_http_ssl_certificate). Decides nothing.

import type { Script, ServerConfig, SiteConfig, VariableConfig } from '../config/nginx/site.ts'
import type { Exchange } from '../exchange.ts'
import { HeaderList } from '../http1/headers.ts'
import type { RequestHead } from '../http1/request-head.ts'
import { groupNames } from '../script/regex.ts'
import { Scripts } from '../script/scripts.ts'
import { expression, findingsOf } from '../script/site-findings.ts'
import { partsOf } from '../script/text-parts.ts'
import type { Connection } from '../socket/byte-stream.ts'
import { type ConnectionFacts, type SiteFacts, Visit } from '../visit.ts'
import type { ClientHello } from './client-hello.ts'
import type { Proxied } from './proxy-header.ts'
import { cipherName, curveName } from './tls-names.ts'
import { normaliseAddress, UNIX_PEER } from './trust.ts'

/** What is known of a client before its handshake. */
export interface Handshake {
  readonly raw: Omit<Connection, 'bytesRead' | 'bytesWritten'>
  readonly proxied: Proxied | null
  readonly hello: ClientHello
}

const KNOWN = new Set(
  [
    'ssl_server_name ssl_ciphers ssl_curves remote_addr remote_port binary_remote_addr realip_remote_addr',
    'realip_remote_port server_addr server_port scheme https proxy_protocol_addr proxy_protocol_port',
    'proxy_protocol_server_addr proxy_protocol_server_port server_name host hostname pid nginx_version msec',
    'time_iso8601 time_local date_local date_gmt',
  ].flatMap(line => line.split(' ')),
)

export class HandshakeTexts {
  readonly #site: SiteConfig
  readonly #scripts: Scripts
  /** Names that are given a value while a request is served. */
  readonly #assigned: ReadonlySet<string>

  constructor(site: SiteConfig) {
    this.#site = site
    this.#scripts = new Scripts(site)
    const set = findingsOf(site).filter(each => each.kind === 'assigned' && each.by === 'set')
    this.#assigned = new Set(set.map(each => (each.kind === 'assigned' ? each.name : '')))
  }

  /** A variable in it that only a request gives a value to; null: there is none. */
  unknownIn({ text }: Script): string | null {
    return this.#unknownIn(text, new Set(), new Set())
  }

  /** @param captured names that the expressions of the map around it give a value to */
  #unknownIn(text: string, captured: ReadonlySet<string>, seen: Set<string>): string | null {
    for (const part of partsOf(text)) {
      if (typeof part === 'string') continue
      if ('capture' in part) {
        if (captured.size === 0) return String(part.capture)
        continue
      }
      const name = part.variable
      if (captured.has(name) || seen.has(name)) continue
      seen.add(name)
      if (this.#assigned.has(name)) return name
      const made = this.#site.variables.findLast(each => each.variable === name)
      const unknown = made === undefined ? (KNOWN.has(name) ? null : name) : this.#unknownTo(made, seen)
      if (unknown !== null) return unknown
    }
    return null
  }

  #unknownTo(made: VariableConfig, seen: Set<string>): string | null {
    const from = made.source === null ? null : this.#unknownIn(made.source.text, new Set(), seen)
    if (from !== null || made.kind !== 'map') return from
    const patterns = made.entries.filter(({ key, escaped }) => key.startsWith('~') && !escaped)
    const names = patterns.flatMap(({ key }) => groupNames(expression(key).pattern).map(n => n.toLowerCase()))
    // The numbered ones, too, are what the expression found.
    const captured = patterns.length === 0 ? new Set<string>() : new Set(['', ...names])
    const values = [...made.entries.map(({ value }) => value), ...(made.fallback ? [made.fallback] : [])]
    for (const { text } of values) {
      const unknown = this.#unknownIn(text, captured, seen)
      if (unknown !== null) return unknown
    }
    return null
  }

  /** Works texts out for one handshake; what a map comes to is the same in all of them. */
  of(server: ServerConfig, handshake: Handshake): (script: Script) => string {
    const headers = new HeaderList()
    const head = { method: '', path: '', host: '', headers } as RequestHead
    const facts: SiteFacts = {
      config: this.#site,
      text: script => this.#scripts.text(script),
      variable: name => this.#scripts.variable(name),
      logs: { error() {} },
    }
    const connection = connectionOf(handshake)
    const exchange = null as unknown as Exchange
    const visit = new Visit({ site: facts, exchange, head, connection, server, uri: '', args: '' })
    return script => visit.text(script)
  }
}

function connectionOf({ raw, proxied, hello }: Handshake): ConnectionFacts {
  const values: Readonly<Record<string, () => string>> = {
    server_name: () => hello.serverName,
    ciphers: () => hello.ciphers.map(cipherName).join(':'),
    curves: () => hello.curves.map(curveName).join(':'),
  }
  return {
    peer: raw.remoteAddress === undefined ? UNIX_PEER : normaliseAddress(raw.remoteAddress),
    peerPort: raw.remotePort ?? 0,
    localAddress: raw.localAddress === undefined ? UNIX_PEER : normaliseAddress(raw.localAddress),
    localPort: raw.localPort ?? 0,
    secure: true,
    number: 0,
    requests: 0,
    proxied,
    handshakeServer: null,
    tls: name => values[name]?.() ?? '',
    refusal: () => null,
  }
}
