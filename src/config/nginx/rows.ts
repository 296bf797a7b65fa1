// Rows of the usual kinds: a directive whose one value is a switch, a word, a time, a size, a text, or a list of them,
// and goes into one field of the settings; one that is accepted without effect; one that is refused. Knows no directive.

import type { Script } from './site.ts'
import { type Context, invalidValue, type Level, type Reading, type Row } from './table.ts'
import type { DirectiveNode } from './tree.ts'
import { readNumber, readSize, readTime } from './units.ts'
import { withoutEffect } from './without-effect.ts'

type Places = readonly Context[]
type More = Pick<Row, 'repeats'>

function row<T>(
  name: string,
  places: Places,
  args: Row['args'],
  field: string,
  read: (node: DirectiveNode, reading: Reading, level: Level) => T | undefined,
  more: More = {},
): Row {
  return {
    name,
    in: places,
    args,
    ...more,
    take(node, level, reading) {
      const value = read(node, reading, level)
      if (value !== undefined) level.own[field] = value
    },
  }
}

/** `on` or `off`. */
export function flag(name: string, places: Places, field: string): Row {
  return row(name, places, 1, field, readFlag)
}

/** The same for a row of another kind; undefined: it was reported. */
export function readFlag(node: DirectiveNode, reading: Reading): boolean | undefined {
  const value = node.args[0]!.toLowerCase()
  if (value === 'on' || value === 'off') return value === 'on'
  reading.problem(invalidValue(node, node.args[0]!, '"on" or "off"'), node.at)
  return undefined
}

/** One of a few words, in letters of either case, as nginx takes them (ngx_conf_set_enum_slot). */
export function word(name: string, places: Places, field: string, words: readonly string[]): Row {
  return row(name, places, 1, field, (node, reading) => {
    const value = node.args[0]!
    const meant = words.find(each => each.toLowerCase() === value.toLowerCase())
    if (meant !== undefined) return meant
    reading.problem(invalidValue(node, value, words.map(each => `"${each}"`).join(' or ')), node.at)
    return undefined
  })
}

/** Some of a few words; lines of the same block add up. */
export function several(
  name: string,
  places: Places,
  field: string,
  known: readonly string[],
  args: Row['args'] = [1, Number.POSITIVE_INFINITY],
): Row {
  const read = (node: DirectiveNode, reading: Reading, level: Level): string[] =>
    chosen(node, known, (level.own[field] ?? []) as string[], reading)
  return row(name, places, args, field, read, { repeats: true })
}

/** The words of the line added to those before it, each once, in letters of either case (ngx_conf_set_bitmask_slot). */
export function chosen(
  { args, at }: DirectiveNode,
  known: readonly string[],
  before: readonly string[],
  reading: Reading,
): string[] {
  const found = [...before]
  for (const each of args) {
    const word = known.find(one => one.toLowerCase() === each.toLowerCase())
    if (word === undefined) reading.problem(`invalid value "${each}"`, at)
    else if (found.includes(word)) reading.remark('warn', `duplicate value "${each}"`, at)
    else found.push(word)
  }
  return found
}

/** A time, in milliseconds. */
export function time(name: string, places: Places, field: string): Row {
  return row(name, places, 1, field, (node, reading) => {
    const ms = readTime(node.args[0]!)
    if (ms === null) reading.problem(`"${name}" directive invalid value`, node.at)
    return ms ?? undefined
  })
}

/** A size, in bytes. */
export function size(name: string, places: Places, field: string): Row {
  return row(name, places, 1, field, (node, reading) => {
    const bytes = readSize(node.args[0]!)
    if (bytes === null) reading.problem(`"${name}" directive invalid value`, node.at)
    return bytes ?? undefined
  })
}

/** A whole number. */
export function count(name: string, places: Places, field: string): Row {
  return row(name, places, 1, field, readCount)
}

/** The same for a row of another kind; undefined: it was reported. */
export function readCount(node: DirectiveNode, reading: Reading): number | undefined {
  const number = readNumber(node.args[0]!)
  if (number === null) reading.problem(`"${node.name}" directive invalid number`, node.at)
  return number ?? undefined
}

/** A text that may hold variables. */
export function script(name: string, places: Places, field: string): Row {
  return row(name, places, 1, field, (node): Script => ({ text: node.args[0]!, at: node.at }))
}

/** A plain word, whatever it is. */
export function text(name: string, places: Places, field: string): Row {
  return row(name, places, 1, field, node => node.args[0]!)
}

/** The words of the directive, each an item of one list; lines of the same block add up. */
export function words(name: string, places: Places, field: string): Row {
  return list(name, places, [1, Number.POSITIVE_INFINITY], field, node => node.args)
}

/** Items that lines of the same block add up to; a block that has any does not get those of the block around it. */
export function list<T>(
  name: string,
  places: Places,
  args: Row['args'],
  field: string,
  read: (node: DirectiveNode, reading: Reading, level: Level) => readonly T[],
): Row {
  return row(
    name,
    places,
    args,
    field,
    (node, reading, level) => [
      ...((level.own[field] as T[] | undefined) ?? []),
      ...read(node, reading, level),
    ],
    { repeats: true },
  )
}

/** A directive whose value is read by a function of its own; undefined: it was reported. */
export function own<T>(
  name: string,
  places: Places,
  args: Row['args'],
  field: string,
  read: (node: DirectiveNode, reading: Reading, level: Level) => T | undefined,
): Row {
  return row(name, places, args, field, read)
}

/** What the one word of a directive is, by the row that reads it. */
const READERS = { flag, size, time, number: count, word: text } as const

export type Kind = keyof typeof READERS

/**
 * Accepted without effect, once in a block.
 * @param args numbers of words; or what the one word is, which is then held to what nginx takes
 * @param note why that does no harm, a sentence that stands alone
 */
export function harmless(
  name: string,
  places: Places,
  args: Row['args'] | Kind,
  note: string,
  block = false,
): Row {
  if (typeof args === 'string') return withoutEffect(READERS[args](name, places, ''), note)
  return { name, in: places, args, block, state: 'harmless', note, take() {} }
}

/** An error. @param note what to do instead */
export function refused(name: string, places: Places, note: string, block?: boolean): Row {
  const most: Row = {
    name,
    in: places,
    args: [0, Number.POSITIVE_INFINITY],
    repeats: true,
    state: 'refused',
    note,
    take() {},
  }
  return block === undefined ? most : { ...most, block }
}
