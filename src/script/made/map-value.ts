// What `map` comes to (ngx_http_map_module): a table for whole values, tables for the ends of host names, and regular
// expressions in their order.

import type { Script, VariableConfig } from '../../config/nginx/site.ts'
import type { Text, Visit } from '../../visit.ts'
import { lower } from '../ascii-case.ts'
import { takeCaptures } from '../assignments.ts'
import { compilePattern } from '../regex.ts'
import type { Scripts } from '../scripts.ts'
import { expression } from '../site-findings.ts'
import type { Making } from './made-variable.ts'

type MapConfig = Extract<VariableConfig, { kind: 'map' }>

interface Tables {
  /** By the whole value, in lower case. */
  readonly exact: Map<string, Text>
  /** By what follows the first dot, for `*.example.org`; the longest that fits holds. */
  readonly endings: Map<string, Text>
  /** By what comes before the last dot, for `www.example.*`. */
  readonly beginnings: Map<string, Text>
  readonly patterns: { readonly pattern: RegExp; readonly value: Text }[]
}

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
  const tables: Tables = { exact: new Map(), endings: new Map(), beginnings: new Map(), patterns: [] }
  for (const { key, value, escaped } of config.entries) {
    const text = textOf(value)
    if (key.startsWith('~') && !escaped) {
      const { pattern, caseless } = expression(key)
      tables.patterns.push({ pattern: compilePattern(pattern, caseless), value: text })
    } else if (!config.hostnames) tables.exact.set(lower(key), text)
    else addHost(tables, lower(key), text)
  }
  return tables
}

function addHost({ exact, endings, beginnings }: Tables, name: string, text: Text): void {
  if (name.length > 1 && name.startsWith('.')) {
    exact.set(name.slice(1), text)
    endings.set(name.slice(1), text)
  } else if (name.length > 2 && name.startsWith('*.')) endings.set(name.slice(2), text)
  else if (name.length > 2 && name.endsWith('.*')) beginnings.set(name.slice(0, -2), text)
  else exact.set(name, text)
}

// ngx_http_map_find: case is minded by regular expressions only; nothing is not looked for among those.
function find({ exact, endings, beginnings, patterns }: Tables, value: string, visit: Visit): Text | null {
  const low = lower(value)
  const found = exact.get(low) ?? byEnding(endings, low) ?? byBeginning(beginnings, low)
  if (found !== undefined) return found
  if (value === '') return null
  for (const { pattern, value: text } of patterns) {
    const match = pattern.exec(value)
    if (match === null) continue
    takeCaptures(visit, match)
    return text
  }
  return null
}

function byEnding(endings: Map<string, Text>, name: string): Text | undefined {
  if (endings.size === 0) return undefined
  for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1)) {
    const found = endings.get(name.slice(dot + 1))
    if (found !== undefined) return found
  }
  return undefined
}

function byBeginning(beginnings: Map<string, Text>, name: string): Text | undefined {
  if (beginnings.size === 0) return undefined
  for (let dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
    const found = beginnings.get(name.slice(0, dot))
    if (found !== undefined) return found
  }
  return undefined
}
