// The words of `resolver`: name servers and how their answers are taken. Checks them, and joins what `resolver_timeout` says
// to them; who asks is `upstream/name-servers.ts`.

import type { Reading } from './table.ts'
import type { DirectiveNode } from './tree.ts'
import { readTime } from './units.ts'
import { readUpstreamAddress } from './upstream-server.ts'

/** The words as they are, once they have been looked through; undefined: something is wrong, which was reported. */
export function readResolver({ args, at }: DirectiveNode, reading: Reading): readonly string[] | undefined {
  let servers = 0
  for (const word of args) {
    const [, key, value] = /^(valid|ipv4|ipv6|status_zone)=(.*)$/.exec(word) ?? []
    if (key === undefined) {
      servers++
      const address = readUpstreamAddress(word, 53)
      if (typeof address !== 'string' && address.kind === 'tcp') continue
      reading.problem(`${typeof address === 'string' ? address : 'invalid host'} in resolver "${word}"`, at)
    } else if (key === 'status_zone') {
      continue
    } else if (key === 'valid' ? readTime(value!) !== null : value === 'on' || value === 'off') {
      continue
    } else reading.problem(`invalid parameter: ${word}`, at)
    return undefined
  }
  if (args.includes('ipv4=off') && args.includes('ipv6=off'))
    reading.problem('"ipv4" and "ipv6" cannot both be "off"', at)
  else if (servers === 0) reading.problem('no name servers defined', at)
  else return args
  return undefined
}

/** The words with how long a name may take, in milliseconds, as a word of its own; null: not said. */
export function withTimeout(words: readonly string[], timeout: number | null): readonly string[] {
  return words.length === 0 || timeout === null ? words : [...words, `timeout=${timeout}ms`]
}
