// The words of `valid_referers`: whose links are welcome (ngx_http_referer_module).

import type { Level, Reading } from '../table.ts'
import type { At, DirectiveNode } from '../tree.ts'

/** One word of it. `path`: what the referer's own path must begin with; empty: whatever it is. */
export type Referer =
  | { readonly kind: 'none' | 'blocked'; readonly at: At }
  | {
      readonly kind: 'exact' | 'leading wildcard' | 'trailing wildcard'
      readonly name: string
      readonly path: string
    }
  /** `.example.org`: the name itself and all below it. */
  | { readonly kind: 'suffix'; readonly name: string; readonly path: string }
  | { readonly kind: 'regex'; readonly pattern: string; readonly caseless: true }
  /** The names of the server that it stands in. */
  | { readonly kind: 'server names' }

/** One for each word; those that are wrong were reported, and are left out. */
export function readReferers(node: DirectiveNode, reading: Reading, _level: Level): Referer[] {
  return node.args.flatMap(word => readReferer(word, node, reading))
}

function readReferer(word: string, { at }: DirectiveNode, reading: Reading): Referer[] {
  if (word === 'none' || word === 'blocked') return [{ kind: word, at }]
  if (word === 'server_names') return [{ kind: 'server names' }]
  if (word === '') reading.problem('invalid referer ""', at)
  else if (word === '~') reading.problem('empty regex in "~"', at)
  else if (word.startsWith('~')) return [{ kind: 'regex', pattern: word.slice(1), caseless: true }]
  else {
    const slash = word.indexOf('/')
    const path = slash === -1 ? '' : word.slice(slash)
    const host = (slash === -1 ? word : word.slice(0, slash)).toLowerCase()
    const referer = readHost(host, path)
    if (referer !== null) return [referer]
    reading.problem(`invalid hostname or wildcard "${host}"`, at)
  }
  return []
}

// ngx_hash_add_key: one asterisk, at either end, and no empty labels.
function readHost(host: string, path: string): Referer | null {
  if (host.includes('..')) return null
  if (!host.includes('*')) {
    if (host.startsWith('.')) return { kind: 'suffix', name: host.slice(1), path }
    return { kind: 'exact', name: host, path }
  }
  const [, before, after] = /^(\*\.)?[^*]*?(\.\*)?$/.exec(host) ?? []
  if (before !== undefined && after === undefined) {
    return { kind: 'leading wildcard', name: host.slice(2), path }
  }
  if (after !== undefined && before === undefined) {
    return { kind: 'trailing wildcard', name: host.slice(0, -2), path }
  }
  return null
}

/** Whom no link is welcome from could only be known by those that are. */
export function checkReferers(referers: readonly Referer[], reading: Reading): void {
  const special = referers.find(({ kind }) => kind === 'none' || kind === 'blocked')
  if (special === undefined || referers.some(({ kind }) => kind !== 'none' && kind !== 'blocked')) return
  const { at } = special as Extract<Referer, { at: At }>
  reading.problem(
    'the "none" or "blocked" referers are specified in the "valid_referers" directive without any valid referer',
    at,
  )
}
