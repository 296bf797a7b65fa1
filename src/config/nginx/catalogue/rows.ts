// The shorthand that the catalogue is written in: many directives in a line, each with as many words as nginx lets it
// have. Knows no directive.

import { harmless, refused } from '../rows.ts'
import type { Context, Module, Row } from '../table.ts'

/**
 * Names with their numbers of words: `name` takes one, `name:0` none, `name:1-4` from one to four, `name:2+` two or
 * more; `name{}` has braces.
 */
export function readNames(
  names: string,
): { name: string; args: readonly [number, number]; block: boolean }[] {
  return names
    .trim()
    .split(/\s+/)
    .map(text => {
      const [, name, braces, least, more, most] = /^(\w+)(\{\})?(?::(\d+)(\+)?(?:-(\d+))?)?$/.exec(text)!
      const from = Number(least ?? (braces === undefined ? 1 : 0))
      const to = more === undefined ? Number(most ?? from) : Number.POSITIVE_INFINITY
      return { name: name!, args: [from, to], block: braces !== undefined }
    })
}

/** Accepted without effect, for one reason. */
export function without(note: string, places: readonly Context[], names: string): Row[] {
  return readNames(names).map(({ name, args, block }) => harmless(name, places, args, note, block))
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
