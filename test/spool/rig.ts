// What the spool's tests share: a store in a folder of its own, bytes that tell their place, a dice with a
// seed, and a producer and a consumer that meet in random order.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { SpoolFolder, type SpoolFs, survey } from '../../src/spool/folder.ts'
import type { Spool, SpoolReader } from '../../src/spool/spool.ts'
import { SpoolStore } from '../../src/spool/store.ts'

export const KB = 1024
export const MB = 1024 * 1024

export interface Rig {
  store: SpoolStore
  dir: string
  warnings: string[]
}

/** A folder that is removed after the test. */
export function folder(t: TestContext): string {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'spool-test-'))
  t.after(() => fs.rmSync(dir, { recursive: true, force: true }))
  return dir
}

/** A store over a new folder, or over `dir`; `disk` 0: memory only. */
export function rig(
  t: TestContext,
  options: {
    memory: number
    disk: number
    clock?: () => number
    fs?: SpoolFs
    named?: boolean
    dir?: string
  },
): Rig {
  const dir = options.dir ?? folder(t)
  const found = survey(dir)
  const nameless = found.kind === 'disk' && found.folder.nameless && options.named !== true
  const warnings: string[] = []
  const store = new SpoolStore({
    memory: options.memory,
    disk: options.disk,
    folder: options.disk === 0 ? null : new SpoolFolder(dir, nameless, options.fs),
    warn: message => warnings.push(message),
    ...(options.clock === undefined ? {} : { clock: options.clock }),
  })
  t.after(() => store.close())
  return { store, dir, warnings }
}

/** A generator of numbers from 0 to 1 that gives the same ones for the same seed (mulberry32). */
export function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** The byte that stands at place `at` of every test message. */
function byteAt(at: number): number {
  return (at ^ (at >>> 8) ^ (at >>> 16)) & 255
}

/** `length` bytes of the test message from place `at`; with `slab`, as a view of a slab of that many bytes. */
export function piece(at: number, length: number, slab = length): Buffer {
  const offset = slab > length ? 3 : 0
  const bytes = Buffer.allocUnsafeSlow(slab + offset).subarray(offset, offset + length)
  for (let i = 0; i < length; i++) bytes[i] = byteAt(at + i)
  return bytes
}

/** Fails, naming the place, unless `bytes` are those of the test message from place `at`. */
export function check(bytes: Buffer, at: number): void {
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] !== byteAt(at + i))
      assert.fail(`wrong byte at ${at + i}: ${bytes[i]}, not ${byteAt(at + i)}`)
  }
}

/** Lets the event loop turn until `condition` holds; half a minute only keeps a broken test from hanging. */
export async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + 30_000
  while (!condition()) {
    if (performance.now() > end) assert.fail(`waited in vain for ${condition}`)
    await new Promise(resolve => setImmediate(resolve))
  }
}

/** How many files this process has open; null where that cannot be told. */
export function descriptors(): number | null {
  return process.platform === 'linux' ? fs.readdirSync('/proc/self/fd').length : null
}

/** Waits until nothing is held any more, and checks it to the byte. */
export async function settled(store: SpoolStore): Promise<void> {
  await until(() => store.usage().memory === 0 && store.usage().disk === 0)
  const { memory, disk, requestMemory, requestDisk, open, paced } = store.usage()
  assert.deepEqual(
    { memory, disk, requestMemory, requestDisk, open, paced },
    { memory: 0, disk: 0, requestMemory: 0, requestDisk: 0, open: 0, paced: 0 },
  )
}

/** Writes `total` bytes, waiting for room when told to. */
export async function fill(spool: Spool, total: number, chunk = 64 * KB): Promise<void> {
  let room = true
  spool.onRoom = () => (room = true)
  while (spool.size < total && !spool.dead) {
    const length = Math.min(chunk, total - spool.size)
    room = spool.write(piece(spool.size, length))
    if (!room) await until(() => room || spool.dead)
  }
}

/** Reads until `to`, or to the end, checking every byte. Returns how far it came. */
export async function drain(reader: SpoolReader, from = 0, to = Number.POSITIVE_INFINITY): Promise<number> {
  let at = from
  let readable = true
  let failure: string | null = null
  reader.onReadable = () => (readable = true)
  reader.onError = detail => (failure = detail)
  while (at < to && !reader.finished) {
    const bytes = reader.read()
    if (bytes === null) {
      if (reader.finished) break
      readable = false
      await until(() => readable || failure !== null)
      if (failure !== null) assert.fail(failure)
      continue
    }
    check(bytes, at)
    at += bytes.length
  }
  return at
}

/**
 * A producer and a consumer of `total` bytes that take turns at random, now one ahead and now the other,
 * until all is read or `stopAt` bytes are. Holds the spool to its callbacks: each comes once, and none is
 * missing.
 */
export async function meet(spool: Spool, total: number, seed: number, stopAt = total): Promise<number> {
  const roll = dice(seed)
  const reader = spool.reader()
  let room = true
  let readable = true
  let read = 0
  // What was handed out and not given up yet must stay as it was, as a socket may still be writing it.
  let used: { bytes: Buffer; length: number; at: number }[] = []
  let moved = performance.now()
  spool.onRoom = () => {
    assert.equal(room, false, 'onRoom came unasked')
    room = true
  }
  reader.onReadable = () => {
    assert.equal(readable, false, 'onReadable came unasked')
    readable = true
  }
  reader.onError = detail => assert.fail(detail)
  let eager = 0.5
  while (!reader.finished && read < stopAt) {
    if (roll() < 0.002) eager = roll()
    const writes = roll() < eager
    if (writes && room && !spool.ended) {
      if (spool.size === total) spool.end()
      else {
        const most = roll() < 0.3 ? 300 : roll() < 0.9 ? 64 * KB : 300 * KB
        const length = Math.min(total - spool.size, 1 + Math.floor(roll() * most))
        room = spool.write(piece(spool.size, length, roll() < 0.3 ? 64 * KB : length))
      }
      moved = performance.now()
    } else if (!writes && readable) {
      const bytes = reader.read(1 + Math.floor(roll() * 100 * KB))
      if (bytes === null) readable = reader.finished
      else {
        used.push({ bytes, length: bytes.length, at: read })
        read += bytes.length
        if (roll() < 0.3) {
          for (const { bytes, length, at } of used) {
            assert.equal(bytes.length, length, `what was handed out at ${at} was freed`)
            check(bytes, at)
          }
          used = []
          reader.reuse()
        }
      }
      moved = performance.now()
    } else {
      // A busy disk may take long; half a minute only keeps a broken spool from hanging.
      if (performance.now() - moved > 30_000) {
        assert.fail(`stuck: read ${read}, written ${spool.size}, room ${room}, readable ${readable}`)
      }
      if (roll() < 0.1) await new Promise(resolve => setImmediate(resolve))
    }
  }
  for (const { bytes, at } of used) check(bytes, at)
  reader.close()
  return read
}
