// Work that blocks, as a slow database call does in a sync worker: nothing else happens in this process
// meanwhile. Owns only the waiting; whoever calls it says how long.

const cell = new Int32Array(new SharedArrayBuffer(4))

/** A blocked process hears no event, so between slices of this many milliseconds it looks whether to go on. */
const SLICE_MS = 100

/**
 * Blocks the whole process.
 * @param ms how long, in milliseconds
 * @param orphaned whether nobody is left who would want the result; asked after each slice
 * @returns false when it ended early because of that
 */
export function block(ms: number, orphaned: () => boolean): boolean {
  const end = performance.now() + ms
  for (let left = ms; left > 0; left = end - performance.now()) {
    Atomics.wait(cell, 0, 0, Math.min(left, SLICE_MS))
    if (orphaned()) return false
  }
  return true
}
