// hash … consistent: addresses lie on a ring at 160 points for each of their weight, and a key belongs to the first point
// at or after it; one that goes takes only its own keys along. The points are those of Cache::Memcached::Fast and nginx.

import { crc32 } from 'node:zlib'
import { MOST_TRIES } from './ip-hash.ts'
import type { Peer, Picker } from './picker.ts'
import { smooth } from './round-robin.ts'

const POINTS = 160

interface Ring {
  /** In order. */
  readonly points: Uint32Array
  /** The server at each point. */
  readonly servers: readonly string[]
}

export class ConsistentHash implements Picker {
  readonly byKey = true
  #ring: Ring = { points: new Uint32Array(0), servers: [] }
  /** Whose ring it is: a name's addresses may change. */
  #of = ''

  pick<P extends Peer>(peers: readonly P[], usable: (peer: P) => boolean, key: string | null): P | null {
    const { points, servers } = this.#ringOf(peers)
    if (key !== null && key !== '' && peers.length > 0) {
      let at = firstFrom(points, crc32(Buffer.from(key, 'latin1')))
      for (let tries = 0; tries <= MOST_TRIES; tries++, at++) {
        const server = servers[at % points.length]!
        const found = smooth(peers.filter(peer => peer.server === server && usable(peer)))
        if (found !== null) return found
      }
    }
    return smooth(peers.filter(usable))
  }

  #ringOf(peers: readonly Peer[]): Ring {
    const of = peers.map(({ server, standing }) => `${server} ${standing.terms.weight}`).join()
    if (of === this.#of) return this.#ring
    const all: { point: number; server: string }[] = []
    for (const { server, standing } of peers) {
      for (const point of pointsOf(server, standing.terms.weight)) all.push({ point, server })
    }
    all.sort((a, b) => a.point - b.point)
    const ring = all.filter(({ point }, i) => i === 0 || point !== all[i - 1]!.point)
    this.#of = of
    this.#ring = {
      points: Uint32Array.from(ring, ({ point }) => point),
      servers: ring.map(({ server }) => server),
    }
    return this.#ring
  }
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
