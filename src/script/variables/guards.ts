// Variables that say whether a request is welcome, for an `if` to act on: by the page that leads to it
// (ngx_http_referer_module), and by a hash that only the app can have made (ngx_http_secure_link_module).

import { createHash, timingSafeEqual } from 'node:crypto'
import type { Referer } from '../../config/nginx/modules/referers.ts'
import type { ServerName } from '../../config/nginx/site.ts'
import type { Variable, Visit } from '../../visit.ts'
import { lower } from '../ascii-case.ts'
import { HostTable } from '../host-table.ts'
import { compilePattern } from '../regex.ts'

export const guardVariables: Readonly<Record<string, Variable>> = {
  invalid_referer: visit => (isWelcome(visit) ? '' : '1'),
  secure_link: visit => secureLink(visit),
  secure_link_expires: visit => linkParts(visit)?.expires ?? null,
}

// — where it comes from

interface Referers {
  readonly none: boolean
  readonly blocked: boolean
  /** What the path must begin with, by host. */
  readonly hosts: HostTable<string>
  /** For what follows the scheme. */
  readonly patterns: readonly RegExp[]
  /** For the host alone: regular expressions of the server's own names. */
  readonly names: readonly RegExp[]
}

const compiled = new WeakMap<readonly Referer[], Referers>()

/** `http://i.ru`: nothing shorter names a host. */
const SHORTEST = 11
const LONGEST_HOST = 256

function isWelcome({ settings: { validReferers }, server, headers }: Visit): boolean {
  if (validReferers === null) return true
  let referers = compiled.get(validReferers)
  if (referers === undefined) {
    referers = compile(validReferers, server.names)
    compiled.set(validReferers, referers)
  }
  const { none, blocked, hosts, patterns, names } = referers
  if (hosts.isEmpty && patterns.length === 0 && names.length === 0) return true
  const referer = headers.get('referer')
  if (referer === undefined) return none
  const [scheme] = /^https?:\/\//i.exec(referer) ?? []
  if (scheme === undefined || referer.length < SHORTEST) return blocked
  const rest = referer.slice(scheme.length)
  const end = rest.search(/[/:]|$/)
  if (end > LONGEST_HOST) return false
  const host = lower(rest.slice(0, end))
  const path = hosts.find(host)
  if (path === undefined)
    return names.some(pattern => pattern.test(host)) || patterns.some(pattern => pattern.test(rest))
  const slash = rest.indexOf('/', end)
  return path === '' || (slash !== -1 && rest.startsWith(path, slash))
}

function compile(referers: readonly Referer[], serverNames: readonly ServerName[]): Referers {
  const hosts = new HostTable<string>()
  const patterns: RegExp[] = []
  const names: RegExp[] = []
  for (const each of referers) {
    if (each.kind === 'regex') patterns.push(compilePattern(each.pattern, true))
    else if (each.kind === 'server names') {
      for (const { kind, name } of serverNames) {
        if (kind === 'regex') names.push(compilePattern(name, true))
        else hosts.add(written(kind, name), '')
      }
    } else if ('path' in each) hosts.add(written(each.kind, each.name), each.path)
  }
  const has = (kind: Referer['kind']) => referers.some(each => each.kind === kind)
  return { none: has('none'), blocked: has('blocked'), hosts, patterns, names }
}

function written(kind: 'exact' | 'leading wildcard' | 'trailing wildcard' | 'suffix', name: string): string {
  if (kind === 'leading wildcard') return `*.${name}`
  if (kind === 'suffix') return `.${name}`
  return kind === 'trailing wildcard' ? `${name}.*` : name
}

// — which hash it brings

function secureLink(visit: Visit): string | null {
  const { secureLinkSecret, secureLinkMd5 } = visit.settings
  if (secureLinkSecret !== null) return linkBehindHash(visit.unparsedUri, secureLinkSecret)
  const parts = linkParts(visit)
  if (parts === null || secureLinkMd5 === null) return null
  const { hash, expires } = parts
  // ngx_decode_base64url of at most 24 characters, for the 16 bytes of an MD5.
  const given = /^[\w-]{22}={0,2}$/.test(hash) ? Buffer.from(hash, 'base64url') : Buffer.alloc(0)
  if (given.length !== 16 || !timingSafeEqual(given, md5(visit.text(secureLinkMd5)))) return null
  return expires !== null && Number(expires) < Math.floor(Date.now() / 1000) ? '0' : '1'
}

/** What `secure_link` brings: a hash, and behind a comma the second until which it holds; null: not that. */
function linkParts(visit: Visit): { hash: string; expires: string | null } | null {
  const { secureLink: link } = visit.settings
  if (link === null) return null
  const value = visit.text(link)
  const comma = value.indexOf(',')
  if (comma === -1) return { hash: value, expires: null }
  const expires = value.slice(comma + 1)
  return /^0*[1-9]\d{0,14}$/.test(expires) ? { hash: value.slice(0, comma), expires } : null
}

/** `/prefix/hash/link`, where the hash is that of the link and the secret: the link. */
function linkBehindHash(target: string, secret: string): string | null {
  const [, hash, link] = /^.[^/]*\/([^/]*)\/(.+)$/s.exec(target) ?? []
  if (hash === undefined || link === undefined || !/^[\da-f]{32}$/i.test(hash)) return null
  return timingSafeEqual(Buffer.from(hash, 'hex'), md5(link + secret)) ? link : null
}

function md5(text: string): Buffer {
  return createHash('md5').update(text, 'latin1').digest()
}
