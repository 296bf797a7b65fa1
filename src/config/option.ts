// What a row of the table of options holds, and how a value of each kind is read. Knows no option by name.

import { readAddress } from './addresses.ts'
import { readCidrs } from './cidrs.ts'
import type { Address, Cidr, UpstreamConfig } from './config.ts'
import type { Reading } from './reading.ts'
import { readCount, readDuration, readSize } from './units.ts'

/** The TypeScript type that a value of each kind is read into. */
export interface Kinds {
  /** Milliseconds. */
  duration: number
  /** Bytes. */
  size: number
  count: number
  'on|off': boolean
  upstream: UpstreamConfig
  address: Address
  /** One of `words`, and nothing else. */
  choice: never
  /** A path of a file or folder, as written. */
  path: string
  /** Any words at all. */
  text: string
  /** A path of a URL. */
  'url path': string
  cidrs: readonly Cidr[]
}

export type Kind = keyof Kinds

export interface Option {
  /** As in `--name`; the environment's name is made from it. */
  readonly name: string
  readonly short?: string
  readonly group: 'The app' | 'The nginx file' | 'The edge' | 'Buffers and limits' | 'Timeouts' | 'Running it'
  readonly kind: Kind
  /** Words allowed beside the kind, or all there are for a `choice`. */
  readonly words?: readonly string[]
  /** May be given several times; the word `none` then stands for an empty list. */
  readonly repeatable?: true
  /** What the flag means when nothing follows it; without this a value is required. */
  readonly bare?: string
  /** As a user would write it; null where it depends on other things, which `derived` then says. */
  readonly default: string | readonly string[] | null
  /** How the default comes about, for people; beside a plain default, what should be said about it. */
  readonly derived?: string
  /** The range, in milliseconds or bytes or as a number. */
  readonly min?: number
  readonly max?: number
  /** One line for `--help`. */
  readonly help: string
  /** The whole meaning, for docs/configuration.md. */
  readonly doc: string
  /** Where the default comes from: nginx, HAProxy, the edge's documentation, or the reason. */
  readonly precedent: string
  /** The nginx directive that sets the same, or null. */
  readonly nginx: string | null
}

type WordsOf<O> = O extends { readonly words: readonly (infer W)[] } ? W : never
type Element<O extends Option> = O['kind'] extends 'cidrs' ? Cidr : Kinds[O['kind']]
/** What a row's value is once read; null is only possible where the default is derived. */
export type ValueOf<O extends Option> =
  | (O extends { readonly repeatable: true } ? readonly Element<O>[] : Kinds[O['kind']] | WordsOf<O>)
  | (null extends O['default'] ? null : never)

/** Reads one value, as written, into what its kind holds. A kind that stands for several gives a list. */
export function readValue(option: Option, text: string): Reading<unknown> {
  if (option.words?.includes(text.toLowerCase())) return { value: text.toLowerCase() }
  if (text === '' && option.kind !== 'choice' && option.kind !== 'on|off')
    return { allowed: `${sample(option)}; nothing was given` }
  switch (option.kind) {
    case 'duration':
      return readDuration(text, option)
    case 'size':
      return readSize(text, option)
    case 'count':
      return readCount(text, option)
    case 'on|off':
      return /^(on|off)$/i.test(text)
        ? { value: text.toLowerCase() === 'on' }
        : { allowed: 'must be on or off' }
    case 'choice':
      return { allowed: sample(option) }
    case 'upstream': {
      const read = readAddress(text, 'upstream')
      return 'value' in read ? { value: { name: text, address: read.value } } : read
    }
    case 'address': {
      const read = readAddress(text, 'listen')
      return 'value' in read || option.words === undefined
        ? read
        : { allowed: `${read.allowed}, or ${option.words.join(' or ')}` }
    }
    case 'path':
      return text.includes('\0') ? { allowed: 'must be a path without a NUL' } : { value: text }
    case 'text':
      return text.includes('\0') ? { allowed: 'must be without a NUL' } : { value: text }
    case 'url path':
      return /^\/[!-~]*$/.test(text) && !/[?#]/.test(text)
        ? { value: text }
        : { allowed: 'must be a path that begins with / and has no query, such as /healthz, or none' }
    case 'cidrs':
      return readCidrs(text)
  }
}

/** What is allowed, where nothing or nothing sensible was given. */
function sample(option: Option): string {
  if (option.kind === 'choice') return `must be one of ${option.words?.join(', ')}`
  if (option.kind === 'path') return 'must be a path'
  if (option.kind === 'text') return 'must have a value'
  const read = readValue(option, '?')
  return 'allowed' in read ? read.allowed : 'must have a value'
}

/** The variable that sets an option: `--queue-size` is `SHIELDPROXY_QUEUE_SIZE`. */
export function environmentName(option: Pick<Option, 'name'>): string {
  return `SHIELDPROXY_${option.name.toUpperCase().replaceAll('-', '_')}`
}
