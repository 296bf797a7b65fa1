// Places to listen at that the socket of another one serves as well: where one server listens at every address of a port and
// another at one of them, there is a socket for the former alone, as with nginx, and connections are told apart by the
// address that they came to.

import { readPlainAddress } from '../config/nginx/range.ts'
import type { ListenConfig } from '../config/nginx/site.ts'
import type { Connection } from '../socket/byte-stream.ts'
import type { Entrance } from './entrance.ts'

const EVERY = new Set(['0.0.0.0', '::'])

/** Whose socket serves that place, too; -1: it has one of its own. */
export function hostOf(listens: readonly ListenConfig[], place: number): number {
  const { address } = listens[place]!
  if (address.kind === 'unix' || address.port === 0 || EVERY.has(address.host)) return -1
  const words = readPlainAddress(address.host)
  if (words === null) return -1
  const isV4 = words.length === 1
  return listens.findIndex(({ address: other, ipv6only }) => {
    if (other.kind === 'unix' || other.port !== address.port) return false
    return isV4 ? other.host === '0.0.0.0' || (other.host === '::' && !ipv6only) : other.host === '::'
  })
}

/** Tells each entrance whose guests come in by its socket. */
export function seat(entrances: readonly Entrance[], listens: readonly ListenConfig[]): void {
  const of = new Map(entrances.map(entrance => [entrance.place, entrance]))
  for (const entrance of entrances) entrance.guests = null
  for (const guest of entrances) {
    const { address } = guest.listen
    const host = of.get(hostOf(listens, guest.place))
    if (host !== undefined && address.kind === 'tcp')
      (host.guests ??= new Map()).set(nameOf(address.host), guest)
  }
}

/** Where a connection to this one's socket has come in. */
export function entranceFor(entrance: Entrance, socket: Connection): Entrance {
  // The kernel is asked for it: not where nothing hangs on it.
  if (entrance.guests === null) return entrance
  const { localAddress } = socket
  return (localAddress === undefined ? undefined : entrance.guests.get(nameOf(localAddress))) ?? entrance
}

// One name for an address, however it is written.
function nameOf(host: string): string {
  return (readPlainAddress(host) ?? [host]).join('.')
}
