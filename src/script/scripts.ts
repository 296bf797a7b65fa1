// Texts with variables, compiled once and kept, and the look-up of variables by name: those that the site's file makes
// come first, then the table of all that are there anyway. What each one means stands in `variables/`, and how `map` and
// the like work in `made/`.

import type { Script, SiteConfig } from '../config/nginx/site.ts'
import type { SiteFacts, Text, Variable, Visit } from '../visit.ts'
import { madeVariable } from './made/made-variable.ts'
import { type Assigner, findingsOf } from './site-findings.ts'
import { type Part, partsOf, partsOfScript } from './text-parts.ts'
import { builtIn, hasPrefix } from './variables/table.ts'

/** Beyond so many those of a prefix are found anew each time: pages name them, too (ssi), as many as they like. */
const MOST_KNOWN = 4096

/**
 * Of several that assign one variable the last of these says what it is before: what `set` sets is empty, what an expression
 * or a subrequest brings has no value.
 */
const ORDER: readonly Assigner[] = ['subrequest', 'set', 'expression']

export class Scripts implements Pick<SiteFacts, 'text' | 'variable'> {
  readonly #config: SiteConfig
  readonly #texts = new WeakMap<Script, Text>()
  readonly #variables = new Map<string, Variable>()
  /** Names that something in the file gives a value to while a request is served. */
  readonly #assigned = new Map<string, Assigner>()

  constructor(config: SiteConfig) {
    this.#config = config
    for (const found of findingsOf(config)) {
      if (found.kind !== 'assigned') continue
      const { name, by } = found
      const before = this.#assigned.get(name)
      if (before === undefined || ORDER.indexOf(by) > ORDER.indexOf(before)) this.#assigned.set(name, by)
    }
  }

  /** @throws Error with nginx's words where it is malformed, or a variable is not known */
  text(script: Script): Text {
    const known = this.#texts.get(script)
    if (known !== undefined) return known
    const text = this.#join(partsOfScript(script))
    this.#texts.set(script, text)
    return text
  }

  /** The same for a text that is no setting; not kept. */
  compile(text: string): Text {
    return this.#join(partsOf(text))
  }

  #join(parts: readonly Part[]): Text {
    const values = parts.map(part => (typeof part === 'string' ? part : this.#valueOf(part)))
    if (values.every(value => typeof value === 'string')) return constant(values.join(''))
    const [only] = values
    return values.length === 1 && typeof only === 'function' ? single(only) : new Joined(values)
  }

  /** @throws Error with nginx's words where nobody knows it */
  variable(name: string): Variable {
    const low = name.toLowerCase()
    const known = this.#variables.get(low)
    if (known !== undefined) return known
    const found = this.#find(low)
    if (found === null) throw new Error(`unknown "${low}" variable`)
    if (this.#variables.size < MOST_KNOWN || !hasPrefix(low)) this.#variables.set(low, found)
    return found
  }

  #find(name: string): Variable | null {
    // Of two that are made under one name the later one holds, as in nginx.
    const made = this.#config.variables.findLast(each => each.variable === name)
    const base = made === undefined ? builtIn(name) : madeVariable(made, this)
    const by = this.#assigned.get(name)
    if (by === undefined) return base
    if (base !== null) return visit => visit.variables.get(name) ?? base(visit)
    return by === 'set'
      ? visit => visit.variables.get(name) ?? unset(visit, name)
      : visit => visit.variables.get(name) ?? null
  }

  #valueOf(part: Exclude<Part, string>): Variable {
    if ('variable' in part) return this.variable(part.variable)
    const { capture } = part
    return visit => visit.captures[capture] ?? null
  }
}

// What nothing has set is empty from its first use on, which is told once (ngx_http_rewrite_var).
function unset(visit: Visit, name: string): string {
  if (visit.settings.warnUninitialized)
    visit.site.logs.error('warn', `using uninitialized "${name}" variable`, visit)
  visit.variables.set(name, '')
  return ''
}

function constant(text: string): Text {
  return { constant: text, of: () => text }
}

function single(value: Variable): Text {
  return { constant: null, of: visit => value(visit) ?? '' }
}

/** Texts and values in turn, with an empty text where none stands between. */
class Joined implements Text {
  readonly constant = null
  readonly #first: string
  readonly #values: readonly Variable[]
  /** What stands behind each value. */
  readonly #after: readonly string[]

  constructor(parts: readonly (string | Variable)[]) {
    const values: Variable[] = []
    const texts = ['']
    for (const part of parts) {
      if (typeof part === 'string') texts[texts.length - 1] += part
      else {
        values.push(part)
        texts.push('')
      }
    }
    this.#first = texts[0]!
    this.#values = values
    this.#after = texts.slice(1)
  }

  of(visit: Visit): string {
    let text = this.#first
    for (let at = 0; at < this.#values.length; at++) {
      const value = this.#values[at]!(visit)
      if (value !== null) text += value
      text += this.#after[at]!
    }
    return text
  }
}
