// hash … consistent: addresses lie on a ring at 160 points for each of their weight, and a key belongs to the first point
// at or after it; one that goes takes only its own keys along. The points are those of Cache::Memcached::Fast and nginx.

import { crc32 } from 'node:zlib'
import { MOST_TRIES } from './ip-hash.ts'
import type { Peer, Picker } from './picker.ts'
import { smooth, totalWeight } from './round-robin.ts'

const POINTS = 160
/** Of all weights together on one ring; name servers may tell of 65,535 for each. */
const MOST_WEIGHT = 10_000
/** More than any group has addresses. */
const MOST_PEERS = 2 ** 20

interface Ring {
  /** In order. */
  readonly points: Uint32Array
  /** Whose each point is, by the place among the peers. */
  readonly owners: Uint32Array
}

export class ConsistentHash implements Picker {
  readonly byKey = true
  #ring: Ring = { points: new Uint32Array(0), owners: new Uint32Array(0) }
  /** Whose ring it is: a name's addresses may change. */
  #of = ''

  pick<P extends Peer>(peers: readonly P[], usable: (peer: P) => boolean, key: string | null): P | null {
    const { points, owners } = this.#ringOf(peers)
    if (key !== null && key !== '' && peers.length > 0) {
      let at = firstFrom(points, crc32(Buffer.from(key, 'latin1')))
      for (let tries = 0; tries <= MOST_TRIES; tries++, at++) {
        const { server } = peers[owners[at % points.length]!]!
        const found = smooth(peers.filter(peer => peer.server === server && usable(peer)))
        if (found !== null) return found
      }
    }
    return smooth(peers.filter(usable))
  }

  #ringOf(peers: readonly Peer[]): Ring {
    const of = peers.map(({ server, standing }) => `${server} ${standing.terms.weight}`).join()
    if (of === this.#of) return this.#ring
    this.#of = of
    return (this.#ring = ringOf(peers))
  }
}

function ringOf(peers: readonly Peer[]): Ring {
  const weights = weightsOf(peers)
  const all = new Float64Array(weights.reduce((sum, weight) => sum + weight, 0) * POINTS)
  let count = 0
  for (const [place, { server }] of peers.entries())
    for (const point of pointsOf(server, weights[place]!)) all[count++] = point * MOST_PEERS + place
  all.sort()
  const points = new Uint32Array(count)
  const owners = new Uint32Array(count)
  let kept = 0
  for (const each of all) {
    const point = Math.floor(each / MOST_PEERS)
    if (kept > 0 && point === points[kept - 1]) continue
    points[kept] = point
    owners[kept++] = each % MOST_PEERS
  }
  return { points: points.subarray(0, kept), owners: owners.subarray(0, kept) }
}

// As they are, as with nginx, or less in proportion where they are too many for a ring.
function weightsOf(peers: readonly Peer[]): number[] {
  const share = Math.min(1, MOST_WEIGHT / totalWeight(peers))
  return peers.map(({ standing }) => Math.max(1, Math.round(standing.terms.weight * share)))
}

function* pointsOf(server: string, weight: number): Iterable<number> {
  const unix = /^unix:/i.test(server)
  const [, host, port] = unix ? [] : (/^(.*):(\d*)$/s.exec(server) ?? [])
  const name = unix ? server.slice('unix:'.length) : (host ?? server)
  const base = crc32(Buffer.from(`${name}\0${port ?? ''}`, 'latin1'))
  const before = Buffer.alloc(4)
  for (let i = 0; i < POINTS * weight; i++) {
    const point = crc32(before, base)
    before.writeUInt32LE(point)
    yield point
  }
}

/** The place of the first point that is not below the hash; their number when all are. */
function firstFrom(points: Uint32Array, hash: number): number {
  let [from, to] = [0, points.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if (points[middle]! < hash) from = middle + 1
    else to = middle
  }
  return from
}
