// The head of a file that keeps an answer: what it answers, until when it is good, and the head that the app gave. Checked
// by sums, since a file may have been cut, changed or made by somebody else. Reads and writes bytes, and no files.
//
//    0  the mark of the format          48  sum of the moments
//    8  length of the head              52  sum of all that follows
//   16  until when it is good           56  length of the body
//   24  how long it may be given while  64  length of the key
//       it is fetched anew              68  length of the rest
//   32  the same where the app fails    72  a line `KEY: …`, as nginx has one, for those who look for it
//   40  when it came                        the answer's own head, as JSON

import { crc32 } from 'node:zlib'
import { HeaderList } from '../http1/headers.ts'

/** Moments in seconds since 1970, and for how many seconds more. */
export interface RecordTimes {
  readonly validUntil: number
  readonly updatingFor: number
  readonly errorFor: number
  readonly date: number
}

export interface CacheRecord {
  readonly key: string
  readonly times: RecordTimes
  readonly status: number
  readonly reason: string
  readonly headers: HeaderList
  /** The app said how long its body was. */
  readonly sized: boolean
  /** It was the answer to a HEAD: the body that it tells of is not here. */
  readonly headOnly: boolean
  /** The fields of a request that it depends on, and the digest of those that it was made for; empty: none. */
  readonly vary: string
  readonly variant: string
}

export interface ReadRecord {
  readonly record: CacheRecord
  readonly bodyStart: number
  readonly bodyLength: number
}

const MARK = 'SHIELDC1'
/** Bytes by which a file is told to be ours. */
export const MARK_LENGTH = MARK.length
const FIXED = 72
const [TIMES, TIMES_END] = [16, 48]
const KEY_LINE = '\nKEY: '
/** A head, its key included, that is larger is none of ours: what the app may send as one is bounded, too. */
const LARGEST_HEAD = 1024 * 1024

/** The head as it stands in front of the body. */
export function writeRecord(record: CacheRecord, bodyLength: number): Buffer {
  const { key, status, reason, headers, sized, headOnly, vary, variant } = record
  const rest = JSON.stringify([status, reason, headers.names, headers.values, sized, headOnly, vary, variant])
  const [keyBytes, restBytes] = [Buffer.from(key, 'latin1'), Buffer.from(rest)]
  const length = FIXED + KEY_LINE.length + keyBytes.length + 1 + restBytes.length
  const head = Buffer.alloc(length)
  head.write(MARK, 0, 'latin1')
  head.writeUInt32LE(length, 8)
  writeTimes(record.times).copy(head, TIMES)
  head.writeDoubleLE(bodyLength, 56)
  head.writeUInt32LE(keyBytes.length, 64)
  head.writeUInt32LE(restBytes.length, 68)
  let at = FIXED + head.write(KEY_LINE, FIXED, 'latin1')
  at += keyBytes.copy(head, at)
  at += head.write('\n', at, 'latin1')
  restBytes.copy(head, at)
  head.writeUInt32LE(crc32(head.subarray(56)), 52)
  return head
}

/** The moments and their sum, for where they stand in the file (`TIMES_AT`). */
export function writeTimes({ validUntil, updatingFor, errorFor, date }: RecordTimes): Buffer {
  const times = Buffer.alloc(TIMES_END - TIMES + 4)
  for (const [i, value] of [validUntil, updatingFor, errorFor, date].entries())
    times.writeDoubleLE(value, i * 8)
  times.writeUInt32LE(crc32(times.subarray(0, 32)), 32)
  return times
}

export const TIMES_AT = TIMES

/** Whether these first bytes are those of a file that was made here; of how many there are at least, `FIXED`. */
export function isOurs(start: Buffer): boolean {
  return start.length >= MARK_LENGTH && start.toString('latin1', 0, MARK_LENGTH) === MARK
}

/** How long the head is whose first bytes these are; null: it is none of ours, or has been cut. */
export function headLength(start: Buffer): number | null {
  if (!isOurs(start) || start.length < FIXED) return null
  const length = start.readUInt32LE(8)
  return length >= FIXED && length <= LARGEST_HEAD ? length : null
}

/** What the head says; null: it is damaged. */
export function readRecord(head: Buffer): ReadRecord | null {
  const length = headLength(head)
  if (length === null || head.length < length) return null
  const bytes = head.subarray(0, length)
  if (crc32(bytes.subarray(TIMES, TIMES_END)) !== bytes.readUInt32LE(48)) return null
  if (crc32(bytes.subarray(56)) !== bytes.readUInt32LE(52)) return null
  const [keyLength, restLength] = [bytes.readUInt32LE(64), bytes.readUInt32LE(68)]
  const keyAt = FIXED + KEY_LINE.length
  if (keyAt + keyLength + 1 + restLength !== length) return null
  const rest = restOf(bytes.toString('utf8', length - restLength, length))
  const bodyLength = bytes.readDoubleLE(56)
  if (rest === null || !Number.isSafeInteger(bodyLength) || bodyLength < 0) return null
  const [validUntil, updatingFor, errorFor, date] = [16, 24, 32, 40].map(at => bytes.readDoubleLE(at))
  const times = { validUntil, updatingFor, errorFor, date } as RecordTimes
  const key = bytes.toString('latin1', keyAt, keyAt + keyLength)
  return { record: { key, times, ...rest }, bodyStart: length, bodyLength }
}

// Whoever may write here can make the sums right, too: nothing reaches a client that no app's answer could have brought.
function restOf(text: string): Omit<CacheRecord, 'key' | 'times'> | null {
  let parts: unknown
  try {
    parts = JSON.parse(text)
  } catch {
    return null
  }
  if (!Array.isArray(parts) || parts.length !== 8) return null
  const [status, reason, names, values, sized, headOnly, vary, variant] = parts
  if (!Number.isInteger(status) || status < 200 || status > 599) return null
  if (![reason, vary, variant].every(isLine) || typeof sized !== 'boolean' || typeof headOnly !== 'boolean')
    return null
  if (!Array.isArray(names) || !Array.isArray(values) || names.length !== values.length) return null
  if (!names.every(isToken) || !values.every(isLine)) return null
  const headers = new HeaderList()
  for (const [i, name] of names.entries()) headers.add(name, values[i]!)
  return { status, reason, headers, sized, headOnly, vary, variant }
}

// What may stand on a line of a head (RFC 9110 §5.5), one character a byte.
function isLine(text: unknown): text is string {
  return typeof text === 'string' && /^[\t\x20-\x7e\x80-\xff]*$/.test(text)
}

// RFC 9110 §5.6.2.
function isToken(text: unknown): text is string {
  return typeof text === 'string' && /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/.test(text)
}
