// Whom requests are passed on to, as plain data: a group's servers, the method by which they take turns, and what the
// shield is told of it. What is served, and which place names which group, is `site.ts`'s. Types only.

import type { Address } from '../config.ts'
import type { Script } from './site.ts'
import type { At } from './tree.ts'

export interface GroupServer {
  readonly address: Address
  /** As written, without parameters. */
  readonly name: string
  readonly weight: number
  /** Worker slots; 0: not said. */
  readonly maxConns: number
  readonly maxFails: number
  /** Milliseconds. */
  readonly failTimeout: number
  readonly backup: boolean
  readonly down: boolean
  /** Its name is asked of the group's name servers, which may be those of the `http` block. */
  readonly resolve: boolean
  /** Where it is is asked of a name server by this service; null: by the name alone. */
  readonly service: string | null
  readonly at: At
}

export type Balance =
  | { readonly by: 'round robin' }
  | { readonly by: 'least conn' }
  | { readonly by: 'ip hash' }
  | { readonly by: 'hash'; readonly key: Script; readonly consistent: boolean }
  | { readonly by: 'random'; readonly two: boolean }

/** An `upstream` block, or what a `proxy_pass` with an address in it stands for. */
export interface GroupConfig {
  /** The block's name, or `host:port` as written in `proxy_pass`. */
  readonly name: string
  readonly servers: readonly GroupServer[]
  readonly balance: Balance
  /** From the block itself, and not from an address. */
  readonly named: boolean
  /** The name servers that its names are asked of, as `resolver` has them with its timeout; none: the system's. */
  readonly resolver: readonly string[]
  readonly shield: GroupShield
  /** It is asked for what others have put there, and has no workers. */
  readonly isStore?: true
  readonly at: At
}

/** The shield's own settings of a group; null: what the flags or their defaults say. */
export interface GroupShield {
  readonly workers: number | 'auto' | null
  readonly queueSize: number | null
  readonly queueTimeout: number | null
  readonly hold: number | null
  /** 0: the app server has no limit. */
  readonly workerTimeout: number | null
  /** Paths whose requests are served first and never held; the first is asked for when nobody else asks. */
  readonly healthchecks: readonly string[] | null
}
