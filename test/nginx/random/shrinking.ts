// Makes a file in which something was found smaller as long as the same is still found: directives and blocks are
// dropped, many at a time first, then single arguments, and then parts of the request.

import type { TestRequest } from '../requests.ts'
import type { Directive } from './directive.ts'
import type { Family } from './family.ts'
import { type Finding, tryFile } from './trial.ts'

/** Arguments further behind are left. */
const MOST_WORDS = 8

export interface Shrunk {
  readonly directives: readonly Directive[]
  readonly finding: Finding
}

export async function shrink(
  family: Family,
  directives: readonly Directive[],
  finding: Finding,
  most: number,
): Promise<Shrunk> {
  let smallest: Shrunk = { directives, finding }
  let left = most
  const holds = async (tried: readonly Directive[], request: TestRequest | null): Promise<boolean> => {
    if (left-- <= 0) return false
    const { findings } = await tryFile(family, tried, request === null ? [] : [request])
    const same = findings.find(({ kind }) => kind === finding.kind)
    if (same !== undefined) smallest = { directives: tried, finding: same }
    return same !== undefined
  }
  if (!(await holds(directives, finding.request))) return smallest
  for (let before = -1; before !== size(smallest.directives); ) {
    before = size(smallest.directives)
    for (let chunk = Math.ceil(before / 2); chunk >= 1; chunk = chunk === 1 ? 0 : Math.ceil(chunk / 2)) {
      for (let at = size(smallest.directives) - chunk; at > -chunk && left > 0; at -= chunk)
        await holds(without(smallest.directives, Math.max(at, 0), at + chunk), smallest.finding.request)
    }
  }
  for (let at = 0; at < size(smallest.directives); at++) {
    for (let word = MOST_WORDS; word >= 1; word--) {
      const tried = withoutWord(smallest.directives, at, word)
      if (tried !== null) await holds(tried, smallest.finding.request)
    }
  }
  for (const change of PLAINER) {
    const { request } = smallest.finding
    if (request !== null && change(request) !== null) await holds(smallest.directives, change(request))
  }
  return smallest
}

function size(directives: readonly Directive[]): number {
  return directives.reduce((sum, { block }) => sum + 1 + size(block ?? []), 0)
}

/** Without the directives from this one up to that, in the order in which they are written. */
function without(directives: readonly Directive[], from: number, to: number): Directive[] {
  let at = -1
  const keep = (inner: readonly Directive[]): Directive[] =>
    inner.flatMap(({ words, block }) => {
      at++
      if (at >= from && at < to) {
        at += size(block ?? [])
        return []
      }
      return [{ words, block: block === null ? null : keep(block) }]
    })
  return keep(directives)
}

/** Without one argument of the directive that stands there; null: it has no such, or no other. */
function withoutWord(directives: readonly Directive[], wanted: number, word: number): Directive[] | null {
  let at = -1
  let found = false
  const keep = (inner: readonly Directive[]): Directive[] =>
    inner.map(({ words, block }) => {
      const here = ++at === wanted && word < words.length && words.length > 2
      found ||= here
      return { words: here ? words.toSpliced(word, 1) : words, block: block === null ? null : keep(block) }
    })
  const kept = keep(directives)
  return found ? kept : null
}

/** A request with less to say, or null where it does not say that. */
const PLAINER: readonly ((request: TestRequest) => TestRequest | null)[] = [
  ...[3, 2, 1, 0].map(at => (request: TestRequest) => {
    return request.fields.length > at ? { ...request, fields: request.fields.toSpliced(at, 1) } : null
  }),
  request => (request.body === null ? null : { ...request, body: null }),
  request => (request.method === 'GET' ? null : { ...request, method: 'GET' }),
  request => (request.version === 'HTTP/1.1' ? null : { ...request, version: 'HTTP/1.1' }),
  request => (request.target.includes('?') ? { ...request, target: request.target.split('?')[0]! } : null),
]
