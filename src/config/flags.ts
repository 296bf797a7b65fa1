// Flags as they were typed, by the names of the table of options. Reads no value; that is done once, wherever it came
// from.

import type { AllGiven } from './environment.ts'
import { nearest } from './nearest.ts'
import { findOption, OPTIONS } from './options.ts'
import type { Problem } from './reading.ts'

/** Flags by their names; one that is not in the table is a problem that names the nearest. */
export function readFlags(flags: Readonly<Record<string, unknown>>, problems: Problem[]): AllGiven {
  const given: AllGiven = {}
  for (const [name, raw] of Object.entries(flags)) {
    if (raw === undefined || raw === null || raw === false) continue
    const option = findOption(name)
    const list = Array.isArray(raw) ? raw : [raw]
    const texts = list.map(value => (value === true || value === '' ? (option?.bare ?? '') : String(value)))
    const where = `${name.length === 1 ? '-' : '--'}${name}`
    if (option === undefined) {
      const known = name.length === 1 ? null : nearest(name, [...OPTIONS.map(o => o.name), 'help', 'version'])
      const hint = known === null ? 'shieldproxy --help all lists them' : `did you mean --${known}?`
      problems.push({ where, value: texts.join(' '), allowed: `is not an option; ${hint}` })
    } else if (option.repeatable === undefined && texts.length > 1) {
      problems.push({
        where,
        value: texts.join(' '),
        allowed: `must be given once; it stands here ${texts.length} times`,
      })
    } else {
      given[option.name] = {
        where,
        texts: option.kind === 'cidrs' ? texts.flatMap(text => text.split(/[\s,]+/)) : texts,
      }
    }
  }
  return given
}
