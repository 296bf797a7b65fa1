// A thread that takes and gives back lanes as fast as it can, and looks whether it ever has one that another has.

import { parentPort, workerData } from 'node:worker_threads'
import { SharedLanes } from '../../src/admit/shared-lanes.ts'

interface Work {
  readonly memory: SharedArrayBuffer
  /** A word for each lane: how many threads believe to have it. */
  readonly owners: SharedArrayBuffer
  /** How many to take in all. */
  readonly takes: number
}

const { memory, owners, takes } = workerData as Work
const lanes = new SharedLanes(memory)
const holders = new Int32Array(owners)
let taken = 0
let shared = 0
let most = 0
const held: number[] = []
while (taken < takes) {
  const lane = lanes.tryTake()
  if (lane !== null) {
    taken++
    if (Atomics.add(holders, lane, 1) !== 0) shared++
    most = Math.max(most, lanes.busy)
    held.push(lane)
  }
  if (lane === null || held.length > taken % 3) {
    const back = held.shift()
    if (back === undefined) continue
    Atomics.sub(holders, back, 1)
    lanes.giveBack(back)
  }
}
for (const back of held) {
  Atomics.sub(holders, back, 1)
  lanes.giveBack(back)
}
parentPort!.postMessage({ shared, most })
