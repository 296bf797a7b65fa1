// The shorthand that the catalogue is written in: many directives in a line, each with as many words as nginx lets it
// have, or with what its one word is. Knows no directive.

import { harmless, type Kind, refused } from '../rows.ts'
import type { Context, Module, Row } from '../table.ts'

interface Named {
  readonly name: string
  readonly args: readonly [number, number]
  /** What its one word is, where that is said. */
  readonly kind: Kind | undefined
  readonly block: boolean
}

const NAMED = /^(\w+)(\{\})?(?::(?:(flag|size|time|number|word)|(\d+)(\+)?(?:-(\d+))?))?$/

/**
 * Names with their numbers of words: `name` takes one, `name:0` none, `name:1-4` from one to four, `name:2+` two or
 * more; `name:flag`, `name:size`, `name:time`, `name:number` and `name:word` one of that kind, and stand once in a block;
 * `name{}` has braces.
 */
export function readNames(names: string): Named[] {
  return names
    .trim()
    .split(/\s+/)
    .map(text => {
      const [, name, braces, kind, least, more, most] = NAMED.exec(text)!
      const from = Number(least ?? (braces === undefined ? 1 : 0))
      const to = more === undefined ? Number(most ?? from) : Number.POSITIVE_INFINITY
      return { name: name!, args: [from, to], kind: kind as Kind | undefined, block: braces !== undefined }
    })
}

/** Accepted without effect, for one reason; as often as they come, where it is not said of what kind they are. */
export function without(note: string, places: readonly Context[], names: string): Row[] {
  return readNames(names).map(({ name, args, kind, block }) =>
    kind === undefined
      ? { ...harmless(name, places, args, note, block), repeats: true }
      : harmless(name, places, kind, note),
  )
}

/** Refused, for one reason. */
export function not(advice: string, places: readonly Context[], names: string): Row[] {
  return readNames(names).map(({ name, block }) => refused(name, places, advice, block))
}

/** Refused, unless the file says `off`, which changes nothing. */
export function notUnlessOff(advice: string, places: readonly Context[], names: string): Row[] {
  return not(advice, places, names).map(row => ({ ...row, unlessOff: true }))
}

/** Directives of one module of nginx. */
export function module(name: string, ...rows: (Row | Row[])[]): Module {
  return { name, rows: rows.flat(), defaults: {} }
}
