// The table of options: the one place that says which there are. `--help`, docs/configuration.md and the
// environment are read from it. Reads nothing itself; `resolve.ts` turns values into the settings.

import type { Option, ValueOf } from './option.ts'
import { FILE } from './options/file.ts'
import { LIMITS } from './options/limits.ts'
import { RUNNING } from './options/running.ts'
import { TRAFFIC } from './options/traffic.ts'

const table = [...TRAFFIC, ...FILE, ...LIMITS, ...RUNNING] as const

type Row = (typeof table)[number]
export type OptionName = Row['name']

/** Every option, in the order of the documents. */
export const OPTIONS: readonly (Option & { readonly name: OptionName })[] = table

/** Every option's value once read, by name. */
export type Values = { readonly [R in Row as R['name']]: ValueOf<R> }

const byName = new Map<string, Option & { readonly name: OptionName }>(
  OPTIONS.map(option => [option.name, option]),
)

/** The option of this name, or undefined. */
export function findOption(name: string): (Option & { readonly name: OptionName }) | undefined {
  return byName.get(name)
}
