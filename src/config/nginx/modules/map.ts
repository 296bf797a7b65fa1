// Variables made from others: map, split_clients (ngx_http_map_module, ngx_http_split_clients_module); geo's addresses are
// `geo.ts`'s. A block's lines are no directives: their first words are keys.

import { harmless } from '../rows.ts'
import type { Script, VariableConfig } from '../site.ts'
import type { Module, Reading, Row } from '../table.ts'
import type { At, DirectiveNode } from '../tree.ts'
import { readGeo } from './geo.ts'

type MapConfig = Extract<VariableConfig, { kind: 'map' }>
type SplitConfig = Extract<VariableConfig, { kind: 'split' }>

const HASHES = 'keys are looked up in tables that need no tuning'

export const map: Module = {
  name: 'ngx_http_map_module',
  rows: [
    making('map', 2, readMap),
    making('geo', [1, 2], readGeo),
    making('split_clients', 2, readSplit),
    harmless('map_hash_max_size', ['http'], 'number', HASHES),
    harmless('map_hash_bucket_size', ['http'], 'number', HASHES),
  ],
  defaults: {},
}

function making(
  name: string,
  args: Row['args'],
  read: (node: DirectiveNode, variable: string, reading: Reading) => VariableConfig,
): Row {
  return {
    name,
    in: ['http'],
    args,
    block: true,
    repeats: true,
    take(node, _level, reading) {
      const written = node.args.at(-1)!
      if (!/^\$./.test(written)) reading.problem(`invalid variable name "${written}"`, node.at)
      // Names of variables have no case.
      else reading.site.variables.push(read(node, written.slice(1).toLowerCase(), reading))
    },
  }
}

/** The lines of the block, with what cannot be one reported. @param flags words that stand alone */
export function linesOf(
  { name, block }: DirectiveNode,
  flags: readonly string[],
  reading: Reading,
): { readonly key: string; readonly value: string | null; readonly at: At }[] {
  return (block ?? []).flatMap(line => {
    const [value, ...more] = line.args
    const isFlag = value === undefined && flags.includes(line.name)
    const what = name === 'split_clients' ? 'directive' : `the ${name} parameters`
    if (line.block !== null) reading.problem('unexpected "{"', line.at)
    else if ((value === undefined && !isFlag) || more.length > 0)
      reading.problem(
        what === 'directive'
          ? 'invalid number of arguments in "split_clients" directive'
          : `invalid number of ${what}`,
        line.at,
      )
    else return [{ key: line.name, value: value ?? null, at: line.at }]
    return []
  })
}

function readMap(node: DirectiveNode, variable: string, reading: Reading): MapConfig {
  const entries: MapConfig['entries'][number][] = []
  const keys = new Set<string>()
  let fallback: Script | null = null
  const lines = linesOf(node, ['hostnames', 'volatile'], reading)
  const has = (flag: string) => lines.some(({ key, value }) => value === null && key === flag)
  const hostnames = has('hostnames')
  for (const { key: written, value: text, at } of lines) {
    if (text === null) continue
    const value = { text, at }
    if (written === 'default') {
      if (fallback !== null) reading.problem('duplicate default map parameter', at)
      fallback = value
      continue
    }
    // A backslash keeps a key from being one of the words with a meaning.
    const escaped = written.startsWith('\\')
    const key = escaped ? written.slice(1) : written
    const isPattern = key.startsWith('~') && !escaped
    if (!isPattern) {
      const low = key.toLowerCase()
      if (hostnames && !isHostKey(low)) reading.problem(`invalid hostname or wildcard "${key}"`, at)
      else if (keys.has(low)) reading.problem(`conflicting parameter "${low}"`, at)
      keys.add(low)
      if (hostnames && low.startsWith('.')) keys.add(low.slice(1))
    }
    entries.push({ key, value, escaped })
  }
  const source = { text: node.args[0]!, at: node.at }
  return {
    kind: 'map',
    variable,
    source,
    hostnames,
    volatile: has('volatile'),
    entries,
    fallback,
    at: node.at,
  }
}

// ngx_hash_add_key: an asterisk may stand for the first or the last labels, once; labels are not empty.
function isHostKey(key: string): boolean {
  const stars = key.split('*').length - 1
  if (key.includes('..') || key.includes('\0') || stars > 1) return false
  return stars === 0 || (key.length > 2 && (key.startsWith('*.') || key.endsWith('.*')))
}

function readSplit(node: DirectiveNode, variable: string, reading: Reading): SplitConfig {
  let sum = 0
  const parts: SplitConfig['parts'][number][] = []
  for (const { key, value, at } of linesOf(node, [], reading)) {
    const share = key === '*' ? null : readShare(key)
    if (share === 0) {
      reading.problem(`invalid percent value "${key}"`, at)
      continue
    }
    sum = share === null ? 10_000 : sum + share
    if (sum > 10_000) reading.problem('percent total is greater than 100%', node.at)
    parts.push({ share, value: value! })
  }
  return { kind: 'split', variable, source: { text: node.args[0]!, at: node.at }, parts, at: node.at }
}

/** Hundredths of a percent; 0: it is none. */
function readShare(text: string): number {
  const [, whole, fraction = ''] = /^(\d{0,6})(?:\.(\d{0,2}))?%$/.exec(text) ?? []
  return whole === undefined ? 0 : Number(whole) * 100 + Number(fraction.padEnd(2, '0'))
}
