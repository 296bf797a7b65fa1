// Peers for the tests of the methods: addresses with weights, of which a test says who is busy and who can be had.

import type { Peer, Picker } from '../../../src/upstream/balance/picker.ts'
import { Standing, type Terms, USUAL_TERMS } from '../../../src/upstream/balance/standing.ts'

export interface TestPeer extends Peer {
  busy: number
  there: boolean
}

export function peer(server: string, terms: Partial<Terms> = {}): TestPeer {
  return { server, standing: new Standing({ ...USUAL_TERMS, ...terms }), busy: 0, there: true }
}

/** Whom so many requests are given to, in order. */
export function picks(picker: Picker, peers: readonly TestPeer[], keys: readonly (string | null)[]): string {
  return keys.map(key => picker.pick(peers, ({ there }) => there, key)?.server ?? '-').join(' ')
}

export function times(count: number): null[] {
  return new Array<null>(count).fill(null)
}
