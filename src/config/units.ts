// Times, sizes and counts as people write them, and back again for messages and documents. Knows no option:
// the ranges come from the table. Values leave here in milliseconds and bytes.

import type { Reading } from './reading.ts'

const MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const
const BYTES = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 } as const

/** The longest time a Node timer can wait is 2^31 - 1 ms; 24 days is the last whole day below it. */
export const LONGEST = 24 * 24 * MS.h

export interface Range {
  readonly min?: number | undefined
  readonly max?: number | undefined
  /** Words that are allowed beside the number, for the message only. */
  readonly words?: readonly string[] | undefined
}

/**
 * Reads a time: `250ms`, `30s`, `2m`, `1h`, with a decimal fraction if wanted; a bare number is seconds,
 * as in nginx.
 * @returns milliseconds, whole
 */
export function readDuration(text: string, range: Range = {}): Reading<number> {
  const { min = 0, max = LONGEST } = range
  const allowed = `must be a time such as 250ms, 30s, 2m or 1h (a bare number is seconds)${between(range, min, max, formatDuration, LONGEST)}`
  const match = /^(\d{1,12}(?:\.\d{1,6})?)(ms|s|m|h)?$/i.exec(text)
  if (match === null) return { allowed }
  const value = Math.round(Number(match[1]) * MS[(match[2]?.toLowerCase() ?? 's') as keyof typeof MS])
  // A time too short for the clock must not turn into 0, which often means something else.
  if (value === 0 && Number(match[1]) !== 0) return { allowed }
  if (value > LONGEST) return { allowed: `${allowed}, at most 24 days` }
  return value < min || value > max ? { allowed } : { value }
}

/**
 * Reads a size: `512`, `64k`, `1m`, `2g`; a bare number is bytes and the units are powers of 1024, as in nginx.
 * @returns bytes
 */
export function readSize(text: string, range: Range = {}): Reading<number> {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = range
  const allowed = `must be a size such as 512, 64k, 1m or 2g (a bare number is bytes)${between(range, min, max, formatSize, Number.MAX_SAFE_INTEGER)}`
  const match = /^(\d{1,16})([kmg])?$/i.exec(text)
  if (match === null) return { allowed }
  const value = Number(match[1]) * BYTES[(match[2]?.toLowerCase() ?? '') as keyof typeof BYTES]
  return value < min || value > max ? { allowed } : { value }
}

/** Reads a whole number in decimal digits. */
export function readCount(text: string, range: Range = {}): Reading<number> {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = range
  const bounds = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`
  const allowed = `must be a whole number ${bounds}${orWords(range.words)}`
  if (!/^\d{1,16}$/.test(text)) return { allowed }
  const value = Number(text)
  return value < min || value > max ? { allowed } : { value }
}

/** Writes a time in the largest unit that keeps it whole: 120000 is `2m`. */
export function formatDuration(ms: number): string {
  for (const unit of ['h', 'm', 's'] as const) {
    if (ms !== 0 && ms % MS[unit] === 0) return `${ms / MS[unit]}${unit}`
  }
  return ms === 0 ? '0' : `${ms}ms`
}

/** Writes a size in the largest unit that keeps it whole: 65536 is `64k`. */
export function formatSize(bytes: number): string {
  for (const unit of ['g', 'm', 'k'] as const) {
    if (bytes !== 0 && bytes % BYTES[unit] === 0) return `${bytes / BYTES[unit]}${unit}`
  }
  return String(bytes)
}

function between(
  range: Range,
  min: number,
  max: number,
  format: (n: number) => string,
  ceiling: number,
): string {
  const low = min > 0 ? `, at least ${format(min)}` : ''
  const high = max < ceiling ? `, at most ${format(max)}` : ''
  return `${low}${high}${orWords(range.words)}`
}

function orWords(words: readonly string[] | undefined): string {
  return words === undefined || words.length === 0 ? '' : `, or ${words.join(' or ')}`
}
