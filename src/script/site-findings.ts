// Goes through all of a site's configuration for what has to do with texts: every text that may hold variables, every
// regular expression, every variable that is given a value. By the shapes that settings have, so that a directive that is
// added is covered without being named here.

import type { Script, SiteConfig } from '../config/nginx/site.ts'
import type { At } from '../config/nginx/tree.ts'
import { groupNames } from './regex.ts'

/** What gives a variable its values while a request is served. */
export type Assigner = 'subrequest' | 'set' | 'expression'

export type Finding =
  | { readonly kind: 'text'; readonly script: Script }
  | { readonly kind: 'pattern'; readonly pattern: string; readonly caseless: boolean; readonly at: At }
  /** `made`: by `map` and the like. */
  | { readonly kind: 'assigned'; readonly name: string; readonly by: Assigner; readonly at: At }
  | { readonly kind: 'made'; readonly name: string; readonly at: At }

type Shape = Readonly<Record<string, unknown>>

/** In the order in which the settings are gone through; each place once, however many inherit it. */
export function findingsOf(site: SiteConfig): Finding[] {
  const findings: Finding[] = []
  const seen = new Set<object>()
  const walk = (value: unknown, around: At): void => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return
    seen.add(value)
    if (Array.isArray(value)) {
      for (const each of value) walk(each, around)
      return
    }
    const shape = value as Shape
    const at = isAt(shape.at) ? shape.at : around
    if (isScript(shape)) {
      findings.push({ kind: 'text', script: shape })
      return
    }
    look(shape, at, findings)
    for (const [field, within] of Object.entries(shape)) {
      if (field !== 'at' && !isExpression(shape, field) && !isAddresses(shape, field)) walk(within, at)
    }
  }
  walk(site, { file: site.file, line: 0 })
  return findings
}

/** Of a `geo`: words without variables, of which there may be hundreds of thousands. */
function isAddresses({ kind }: Shape, field: string): boolean {
  return kind === 'geo' && field === 'entries'
}

function look(shape: Shape, at: At, findings: Finding[]): void {
  const pattern = patternOf(shape)
  if (pattern !== null) {
    findings.push({ kind: 'pattern', ...pattern, at })
    for (const name of groupNames(pattern.pattern))
      findings.push({ kind: 'assigned', name, by: 'expression', at })
  }
  const { variable, kind, op } = shape
  if (typeof variable !== 'string') return
  const name = variable.toLowerCase()
  if (kind === 'map' || kind === 'geo' || kind === 'split') findings.push({ kind: 'made', name, at })
  else findings.push({ kind: 'assigned', name, by: op === 'set' ? 'set' : 'subrequest', at })
}

// Where settings keep regular expressions: a `pattern`; the path of a location and the name of a server that are one;
// the keys of a map, and what names a cookie or its parts.
function patternOf(shape: Shape): { pattern: string; caseless: boolean } | null {
  const { pattern, kind, path, name, key, escaped, value, cookie } = shape
  const caseless = shape.caseless === true
  if (typeof pattern === 'string') return { pattern, caseless }
  if (kind === 'regex') {
    if (typeof path === 'string') return { pattern: path, caseless }
    // Hosts are in lower case, and nginx looks for them without minding it.
    if (typeof name === 'string') return { pattern: name, caseless: true }
    if (isScript(value)) return { pattern: value.text, caseless }
  }
  if (typeof key === 'string' && escaped === false && key.startsWith('~')) return expression(key)
  if (isScript(cookie) && cookie.text.startsWith('~')) return expression(cookie.text)
  return null
}

/** A text that is looked at as a regular expression, and whose `$` is an end. */
function isExpression(shape: Shape, field: string): boolean {
  if (field === 'value') return shape.kind === 'regex' && 'caseless' in shape
  return field === 'cookie' && isScript(shape.cookie) && shape.cookie.text.startsWith('~')
}

/** `~` or `~*`, and the expression. */
export function expression(written: string): { pattern: string; caseless: boolean } {
  const caseless = written.startsWith('~*')
  return { pattern: written.slice(caseless ? 2 : 1), caseless }
}

function isScript(value: unknown): value is Script {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Shape).text === 'string' &&
    isAt((value as Shape).at) &&
    Object.keys(value).length === ('whole' in value ? 3 : 2)
  )
}

function isAt(value: unknown): value is At {
  return typeof value === 'object' && value !== null && typeof (value as Shape).line === 'number'
}
