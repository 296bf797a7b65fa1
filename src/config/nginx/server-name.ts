// Reads the words of `server_name`: plain names, wildcards at either end, regular expressions.

import { hostname } from 'node:os'
import type { ServerName } from './site.ts'
import type { Reading } from './table.ts'
import type { DirectiveNode } from './tree.ts'

/** One word; none where it is wrong. */
export function readServerName(written: string, node: DirectiveNode, reading: Reading): ServerName[] {
  const { at } = node
  if (written === '~' || written === '.' || (/^\*/.test(written) && !/^\*\../s.test(written))) {
    const why = written === '~' ? 'empty regex in server name' : 'server name'
    reading.problem(written === '~' ? `${why} "~"` : `${why} "${written}" is invalid`, at)
    return []
  }
  if (written.includes('/')) reading.remark('warn', `server name "${written}" has suspicious symbols`, at)
  if (written.startsWith('~')) return [{ kind: 'regex', name: written.slice(1), at }]
  const name = lowered(written)
  if (name === '' || name === '""') return [{ kind: 'exact', name: '', at }]
  if (name.startsWith('.')) return [{ kind: 'suffix', name: name.slice(1), at }]
  if (name.startsWith('*.')) return [{ kind: 'leading wildcard', name: name.slice(2), at }]
  if (name.length > 2 && name.endsWith('.*'))
    return [{ kind: 'trailing wildcard', name: name.slice(0, -2), at }]
  return [{ kind: 'exact', name, at }]
}

/** What `$server_name` is: the first name in lower case, less a leading dot; a regular expression as written. */
export function toldName(server: DirectiveNode | null): string {
  const first = server?.block?.find(({ name }) => name === 'server_name')?.args[0] ?? ''
  if (first.startsWith('~')) return first
  const name = lowered(first)
  return name.startsWith('.') ? name.slice(1) : name
}

function lowered(written: string): string {
  return (written === '$hostname' ? hostname() : written).toLowerCase()
}
