// What `map` comes to (ngx_http_map_module): a table of values and of names of hosts, and regular expressions in
// their order.

import type { Script, VariableConfig } from '../../config/nginx/site.ts'
import type { Text, Visit } from '../../visit.ts'
import { lower } from '../ascii-case.ts'
import { noteCaptures } from '../captures.ts'
import { HostTable } from '../host-table.ts'
import { compilePattern } from '../regex.ts'
import type { Scripts } from '../scripts.ts'
import { expression } from '../site-findings.ts'
import type { Making } from './made-variable.ts'

type MapConfig = Extract<VariableConfig, { kind: 'map' }>

interface Tables {
  /** In lower case. */
  readonly names: HostTable<Text>
  readonly patterns: { readonly pattern: RegExp; readonly value: Text }[]
}

/** Compiled once for all visits. */
export function mapValue(config: MapConfig, scripts: Scripts): Making {
  const source = scripts.text(config.source)
  const fallback = config.fallback === null ? null : scripts.text(config.fallback)
  const tables = tablesOf(config, script => scripts.text(script))
  return visit => {
    const written = source.of(visit)
    const value = config.hostnames && written.endsWith('.') ? written.slice(0, -1) : written
    const found = find(tables, value, visit) ?? fallback
    return found === null ? '' : found.of(visit)
  }
}

function tablesOf(config: MapConfig, textOf: (script: Script) => Text): Tables {
  const tables: Tables = { names: new HostTable(), patterns: [] }
  for (const { key, value, escaped } of config.entries) {
    const text = textOf(value)
    if (key.startsWith('~') && !escaped) {
      const { pattern, caseless } = expression(key)
      tables.patterns.push({ pattern: compilePattern(pattern, caseless), value: text })
    } else if (config.hostnames) tables.names.add(lower(key), text)
    else tables.names.addWhole(lower(key), text)
  }
  return tables
}

// ngx_http_map_find: case is minded by regular expressions only; nothing is not looked for among those.
function find({ names, patterns }: Tables, value: string, visit: Visit): Text | null {
  const found = names.find(lower(value))
  if (found !== undefined) return found
  if (value === '') return null
  for (const { pattern, value: text } of patterns) {
    const match = pattern.exec(value)
    if (match === null) continue
    noteCaptures(visit, match)
    return text
  }
  return null
}
