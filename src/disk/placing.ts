// Files that are whole and about to have their place, in this thread: whoever looks for one in that moment waits for it,
// which takes as long as its last bytes take to the disk. Knows no file's content.

const placing = new Map<string, Promise<void>>()

/** A file is about to be there. @returns what is to be called once it is, or never will be */
export function announce(path: string): () => void {
  const { promise, resolve } = Promise.withResolvers<void>()
  placing.set(path, promise)
  return () => {
    if (placing.get(path) === promise) placing.delete(path)
    resolve()
  }
}

/** What to wait for before looking there; null: nothing. */
export function announced(path: string): Promise<void> | null {
  return placing.size === 0 ? null : (placing.get(path) ?? null)
}
