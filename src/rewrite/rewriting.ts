// Runs what a server or a location says of set, rewrite, if, return and break, step by step, with nginx's effects down to
// the odd ones (ngx_http_rewrite_module, ngx_http_script). Where the visit goes on is its answer; going there is the
// corridor's.

import type { Pass } from '../config/nginx/modules/proxy.ts'
import type { Settings } from '../config/nginx/settings.ts'
import type { RewriteOp } from '../config/nginx/site.ts'
import { unescapeRedirect } from '../http1/uri.ts'
import { NEXT, type Outcome } from '../outcome.ts'
import { assign } from '../script/assignments.ts'
import { forgetCaptures, noteCaptures } from '../script/captures.ts'
import type { Visit } from '../visit.ts'
import { capturedText } from './captured-text.ts'
import { holds } from './conditions.ts'
import { programOf, type RewriteStep, type Step } from './program.ts'
import { returned } from './returned.ts'
import { logMatch, logRedirect, logRewritten } from './rewrite-log.ts'

/**
 * Runs a server's directives while the visit has no location yet, and a location's once it has one.
 * @returns a promise only where a file has to be looked at
 */
export function runRewrites(ops: readonly RewriteOp[], visit: Visit): Outcome | Promise<Outcome> {
  if (ops.length === 0) return NEXT
  const { location, settings } = visit
  // Methods that `limit_except` is about have its settings, and those hold no rewrites.
  if (location?.except?.settings === settings) return NEXT
  return new Run(visit, programOf(ops)).from(0)
}

class Run {
  readonly #visit: Visit
  readonly #steps: readonly Step[]
  readonly #inLocation: boolean
  /** What is captured gets escaped when it is put into a text; so until the first `rewrite` that matches. */
  #quote = true
  /** The URI is another one, and not yet located. */
  #changed = false
  /** Before it was another one. */
  readonly #validLocation: boolean

  constructor(visit: Visit, steps: readonly Step[]) {
    this.#visit = visit
    this.#steps = steps
    this.#inLocation = visit.location !== null
    this.#validLocation = visit.validLocation
  }

  from(start: number): Outcome | Promise<Outcome> {
    const visit = this.#visit
    for (let at = start; at < this.#steps.length; at++) {
      const step = this.#steps[at]!
      switch (step.op) {
        case 'set':
          assign(visit, step.variable, capturedText(visit, step.value, this.#quote))
          break
        case 'if': {
          const held = holds(visit, step.condition, this.#quote)
          if (typeof held !== 'boolean') return held.then(is => this.from(this.#branch(step, at, is) + 1))
          at = this.#branch(step, at, held)
          break
        }
        case 'rewrite': {
          const outcome = this.#rewrite(step)
          if (outcome !== null) return outcome
          break
        }
        case 'return':
          return returned(visit, step.status, step.text)
        case 'break':
          this.#changed = false
          return this.#end()
      }
    }
    return this.#end()
  }

  // The step that was done last. Of settings the last `if` that holds has its way, whatever those before it said.
  #branch(step: Step & { op: 'if' }, at: number, held: boolean): number {
    if (!held) return step.otherwise - 1
    if (this.#inLocation) this.#visit.settings = after(this.#visit.settings, step.settings)
    return at
  }

  // Null: on with the next step.
  #rewrite(step: RewriteStep): Outcome | null {
    const visit = this.#visit
    const match = step.pattern.exec(visit.uri)
    logMatch(visit, step.written, visit.uri, match !== null)
    if (match === null) {
      forgetCaptures(visit)
      return null
    }
    noteCaptures(visit, match)
    visit.internal = true
    visit.uriUnchanged = false
    this.#quote = false
    visit.validLocation = false
    if (step.status !== null) return redirect(visit, step, step.status)
    const uri = capturedText(visit, step.path, false)
    if (step.args !== null) {
      const args = capturedText(visit, step.args, true)
      visit.args = step.keepArgs && visit.args !== '' ? `${args}&${visit.args}` : args
    } else if (!step.keepArgs) visit.args = ''
    visit.uri = uri
    logRewritten(visit)
    if (uri === '') {
      visit.site.logs.error('error', 'the rewritten URI has a zero length', visit)
      return { kind: 'status', status: 500 }
    }
    this.#changed = step.relocates
    return step.last ? this.#end() : null
  }

  // After a server's directives the location is looked for in any case.
  #end(): Outcome {
    if (this.#changed) this.#visit.validLocation = this.#validLocation
    return this.#changed && this.#inLocation ? { kind: 'jump', uri: this.#visit.uri, args: null } : NEXT
  }
}

function redirect(visit: Visit, step: RewriteStep, status: number): Outcome {
  let location = unescapeRedirect(capturedText(visit, step.path, true))
  if (step.keepArgs && visit.args !== '') location += `${step.hasArgs ? '&' : '?'}${visit.args}`
  logRedirect(visit, location)
  return { kind: 'redirect', status, location }
}

const NOWHERE: Pass = { kind: 'computed', family: 'http', url: { text: '', at: { file: '', line: 0 } } }
const leadingNowhere = new WeakMap<Settings, Settings>()

// Where an `if` passes on, and one after it neither does nor is within a place that does, nginx has the handler of the
// first with the settings of the second, and answers 500.
function after(before: Settings, settings: Settings): Settings {
  if (before.pass === null || settings.pass !== null) return settings
  let nowhere = leadingNowhere.get(settings)
  if (nowhere === undefined) leadingNowhere.set(settings, (nowhere = { ...settings, pass: NOWHERE }))
  return nowhere
}
