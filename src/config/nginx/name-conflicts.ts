// Names of servers that cannot be told apart, or be looked for, once several share an address; a server that is alone at
// its address may be called anything, since nobody asks (ngx_http_server_names).

import type { Address } from '../config.ts'
import type { ServerName, SiteConfig } from './site.ts'
import type { Reading } from './table.ts'

/** @param reading gets what is malformed as a problem, and what is there twice as a warning */
export function checkServerNames(site: SiteConfig, reading: Reading): void {
  for (const { address, servers } of site.listens) {
    if (servers.length < 2) continue
    const seen = new Set<string>()
    for (const index of servers) {
      for (const word of wordsOf(site.servers[index]!.names)) {
        if (isMalformed(word.written)) {
          const message = `invalid server name or wildcard "${word.written}" on ${textOf(address)}`
          reading.problem(message, word.at)
        } else if (word.keys.some(key => seen.has(key))) {
          const message = `conflicting server name "${word.written}" on ${textOf(address)}, ignored`
          reading.remark('warn', message, word.at)
        }
        for (const key of word.keys) seen.add(key)
      }
    }
  }
}

interface Word {
  readonly written: string
  readonly keys: readonly string[]
  readonly at: ServerName['at']
}

function wordsOf(names: readonly ServerName[]): Word[] {
  return names.flatMap(({ kind, name, at }): Word[] => {
    const wild = `leading wildcard ${name}`
    if (kind === 'regex') return []
    if (kind === 'suffix') return [{ written: `.${name}`, keys: [`exact ${name}`, wild], at }]
    const written = kind === 'exact' ? name : kind === 'leading wildcard' ? `*.${name}` : `${name}.*`
    return [{ written, keys: [`${kind} ${name}`], at }]
  })
}

// ngx_hash_add_key.
function isMalformed(word: string): boolean {
  const asterisks = word.split('*').length - 1
  if (asterisks > 1 || word.includes('..')) return true
  return asterisks === 1 && !/^\.|^\*\.|.\.\*$/s.test(word)
}

function textOf(address: Address): string {
  if (address.kind === 'unix') return `unix:${address.path}`
  const { host, port } = address
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
