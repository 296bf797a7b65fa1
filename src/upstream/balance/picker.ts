// What chooses among the addresses of a group: by nginx's methods, each in a file of its own. Types, and the one place
// that names them all. A picker knows no request but by its key, and no slots; who can be had is said to it.

import type { Balance } from '../../config/nginx/group-config.ts'
import { ConsistentHash } from './consistent-hash.ts'
import { Hash } from './hash.ts'
import { IpHash } from './ip-hash.ts'
import { LeastBusy } from './least-busy.ts'
import { RandomPick } from './random.ts'
import { RoundRobin } from './round-robin.ts'
import type { Standing } from './standing.ts'

/** One address that may be chosen. */
export interface Peer {
  /** As the group's configuration has it: its place on the consistent ring. */
  readonly server: string
  readonly standing: Standing
  /** Requests that it has now. */
  readonly busy: number
}

export interface Picker {
  /** It decides by the request's key: a request waits for its address rather than go to another. */
  readonly byKey: boolean
  /**
   * @param peers all of the group's primary ones, or all of its backups, in the order of the file
   * @param usable those that can be had
   * @param key what the method goes by; null where it goes by nothing
   */
  pick<P extends Peer>(peers: readonly P[], usable: (peer: P) => boolean, key: string | null): P | null
}

/** A new picker, which keeps its own state: one for each group. */
export function pickerFor(balance: Balance): Picker {
  switch (balance.by) {
    case 'least conn':
      return new LeastBusy()
    case 'ip hash':
      return new IpHash()
    case 'hash':
      return balance.consistent ? new ConsistentHash() : new Hash()
    case 'random':
      return new RandomPick(balance.two)
    default:
      return new RoundRobin()
  }
}
