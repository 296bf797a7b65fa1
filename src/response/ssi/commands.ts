// The commands of a page: what each takes, and what comes of it (ngx_http_ssi_module). Asks for no other page: what is to
// be included is said, and somebody else's to fetch.

import { escapeHtml } from '../../html-escape.ts'
import { escapeUri, splitUri } from '../../http1/uri.ts'
import { holds } from './condition.ts'
import { evaluate, type PageState } from './page-state.ts'
import type { Command } from './tag-reader.ts'

/** What stands in a command's place. */
export type Deed =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'include'
      readonly uri: string
      readonly args: string
      /** The variable that has it, instead of the page; null: the page has it. */
      readonly set: string | null
      /** The block that stands for what is empty or cannot be had; null: none does. */
      readonly stub: string | null
    }
  | { readonly kind: 'failed' }

type Given = ReadonlyMap<string, string>
type Complain = (problem: string) => void

interface Row {
  /** Those with an exclamation mark must be there. */
  readonly takes: readonly string[]
  /** It belongs to an `if` that was opened, of which no `else` has come yet unless it says so: obeyed also where nothing goes out. */
  readonly needs?: 'if' | 'if or else'
  run(state: PageState, given: Given, complain: Complain): Deed
}

const NOTHING: Deed = { kind: 'text', text: '' }
const FAILED: Deed = { kind: 'failed' }

const ROWS: Readonly<Record<string, Row>> = {
  include: { takes: ['virtual', 'file', 'wait', 'set', 'stub'], run: include },
  echo: { takes: ['var!', 'default', 'encoding'], run: echo },
  config: { takes: ['errmsg', 'timefmt'], run: config },
  set: { takes: ['var!', 'value!'], run: set },
  if: { takes: ['expr!'], run: begin },
  elif: { takes: ['expr!'], needs: 'if', run: choose },
  else: { takes: [], needs: 'if', run: otherwise },
  endif: { takes: [], needs: 'if or else', run: end },
  block: { takes: ['name!'], run: beginBlock },
  endblock: { takes: [], run: endBlock },
}

/**
 * @param complain takes a line for the error log, in nginx’s words
 * @returns what is to be done about it
 */
export function obey(state: PageState, command: Command, complain: Complain): Deed {
  const { name } = command
  const row = Object.hasOwn(ROWS, name) ? ROWS[name]! : null
  if (state.block !== null && name !== 'endblock')
    return state.addToBlock(command.written) ? NOTHING : fail(complain, `too long block "${state.block}"`)
  if (!state.output && row?.needs === undefined && name !== 'endblock') return NOTHING
  if (row === null) return fail(complain, `invalid SSI command: "${name}"`)
  if (
    row.needs !== undefined &&
    !(state.within === 'if' || (state.within === 'else' && row.needs === 'if or else'))
  )
    return fail(complain, `invalid context of SSI command: "${name}"`)
  const given = new Map<string, string>()
  for (const [parameter, value] of command.parameters) {
    if (!row.takes.includes(parameter) && !row.takes.includes(`${parameter}!`))
      return fail(complain, `invalid parameter name: "${parameter}" in "${name}" SSI command`)
    if (given.has(parameter))
      return fail(complain, `duplicate "${parameter}" parameter in "${name}" SSI command`)
    given.set(parameter, value)
  }
  const absent = row.takes.find(each => each.endsWith('!') && !given.has(each.slice(0, -1)))
  if (absent !== undefined)
    return fail(complain, `mandatory "${absent.slice(0, -1)}" parameter is absent in "${name}" SSI command`)
  return row.run(state, given, complain)
}

function fail(complain: Complain, problem: string): Deed {
  complain(problem)
  return FAILED
}

function include(state: PageState, given: Given, complain: Complain): Deed {
  const [virtual, file, wait] = ['virtual', 'file', 'wait'].map(name => given.get(name))
  const set = given.get('set') ?? null
  const stub = given.get('stub') ?? null
  if (virtual !== undefined && file !== undefined)
    return fail(complain, `inclusion may be either virtual="${virtual}" or file="${file}"`)
  const written = virtual ?? file
  if (written === undefined) return fail(complain, 'no parameter in "include" SSI command')
  if (set !== null && stub !== null)
    return fail(complain, '"set" and "stub" cannot be used together in "include" SSI command')
  if (wait !== undefined && file !== undefined)
    return fail(complain, `"wait" cannot be used with file="${file}"`)
  if (wait !== undefined && !/^(?:yes|no)$/i.test(wait))
    return fail(complain, `invalid value "${wait}" in the "wait" parameter`)
  if (stub !== null && !state.shared.blocks.has(stub))
    return fail(complain, `"stub"="${stub}" for "include" not found`)
  const value = evaluate(state, written)
  if (value === null) return fail(complain, `invalid variable name in "${written}"`)
  const { uri } = state.visit
  const whole = value.startsWith('/') ? value : uri.slice(0, uri.lastIndexOf('/') + 1) + value
  const to = splitUri(whole)
  return to === null
    ? fail(complain, `unsafe URI "${whole}" was detected`)
    : { kind: 'include', ...to, set, stub }
}

function echo(state: PageState, given: Given, complain: Complain): Deed {
  const value = state.variable(given.get('var')!) ?? given.get('default') ?? '(none)'
  if (value === '') return NOTHING
  // It holds for those after it, too.
  const said = given.get('encoding')
  if (said === 'none' || said === 'url' || said === 'entity') state.encoding = said
  else if (said !== undefined) complain(`unknown encoding "${said}" in the "echo" command`)
  return { kind: 'text', text: ESCAPED[state.encoding](value) }
}

const ESCAPED: Readonly<Record<PageState['encoding'], (text: string) => string>> = {
  none: text => text,
  url: text => escapeUri(text, 'html'),
  entity: escapeHtml,
}

function config(state: PageState, given: Given): Deed {
  state.errorText = given.get('errmsg') ?? state.errorText
  state.visit.main.timeFormat = given.get('timefmt') ?? state.visit.main.timeFormat
  return NOTHING
}

function set(state: PageState, given: Given, complain: Complain): Deed {
  const written = given.get('value')!
  const value = evaluate(state, written)
  if (value === null) return fail(complain, `invalid variable name in "${written}"`)
  return state.set(given.get('var')!, value)
    ? NOTHING
    : fail(complain, `too many variables for "${given.get('var')}"`)
}

function begin(state: PageState, given: Given, complain: Complain): Deed {
  if (state.within !== 'nothing') return fail(complain, 'the "if" command inside the "if" command')
  return choose(state, given, complain)
}

function choose(state: PageState, given: Given, complain: Complain): Deed {
  if (state.chosen) {
    state.output = false
    return NOTHING
  }
  const taken = holds(state, given.get('expr')!, complain)
  if (taken === null) return FAILED
  state.output = state.chosen = taken
  state.within = 'if'
  return NOTHING
}

function otherwise(state: PageState): Deed {
  state.output = !state.chosen
  state.within = 'else'
  return NOTHING
}

function end(state: PageState): Deed {
  state.output = true
  state.chosen = false
  state.within = 'nothing'
  return NOTHING
}

function beginBlock(state: PageState, given: Given, complain: Complain): Deed {
  state.block = given.get('name')!
  state.shared.blocks.delete(state.block)
  state.output = false
  return state.addToBlock('') ? NOTHING : fail(complain, `too many blocks for "${state.block}"`)
}

function endBlock(state: PageState): Deed {
  state.block = null
  state.output = true
  return NOTHING
}
