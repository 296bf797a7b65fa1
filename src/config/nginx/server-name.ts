// Reads the words of `server_name`: plain names, wildcards at either end, regular expressions.

import type { ServerName } from './site.ts'
import type { Reading } from './table.ts'
import type { DirectiveNode } from './tree.ts'

/** One word as the names it stands for: `.example.org` is two. */
export function readServerName(written: string, node: DirectiveNode, reading: Reading): ServerName[] {
  const { at } = node
  const invalid = (): ServerName[] => {
    reading.problem(`server name "${written}" is invalid`, at)
    return []
  }
  if (written.startsWith('~')) {
    if (written === '~') return invalid()
    return [{ kind: 'regex', name: written.slice(1), at }]
  }
  const name = written === '$hostname' ? written : written.toLowerCase()
  if (name.includes('/')) reading.remark('warn', `server name "${written}" has suspicious symbols`, at)
  if (name === '' || name === '""') return [{ kind: 'exact', name: '', at }]
  if (name.startsWith('.')) {
    if (name === '.' || name.includes('*')) return invalid()
    return [
      { kind: 'exact', name: name.slice(1), at },
      { kind: 'leading wildcard', name: name.slice(1), at },
    ]
  }
  if (name.startsWith('*.')) {
    return name.includes('*', 1) || name === '*.'
      ? invalid()
      : [{ kind: 'leading wildcard', name: name.slice(2), at }]
  }
  if (name.endsWith('.*')) {
    return name.indexOf('*') < name.length - 1
      ? invalid()
      : [{ kind: 'trailing wildcard', name: name.slice(0, -2), at }]
  }
  return name.includes('*') ? invalid() : [{ kind: 'exact', name, at }]
}
