// The known name that someone most likely meant. Knows no names of its own.

/** The nearest of `known` to what was written, or null when nothing is near enough to be worth saying. */
export function nearest(written: string, known: readonly string[]): string | null {
  const name = written.toLowerCase()
  let best: string | null = null
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1
  for (const candidate of known) {
    // One name inside the other (`buffering`, `workers-count`) is nearer than its letters say.
    const inside = name.length >= 4 && (candidate.includes(name) || name.includes(candidate))
    const distance = inside ? Math.min(2, editDistance(name, candidate)) : editDistance(name, candidate)
    if (distance < bestDistance && distance < Math.max(name.length, candidate.length) - 1) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** Letters to insert, remove, replace, or swap with a neighbour (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  // Nothing in any table is as long as this; a hostile name must not cost its square.
  if (a.length > 64 || b.length > 64) return Math.max(a.length, b.length)
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let least = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, before[j - 2]! + 1)
      row.push(least)
    }
    before = last
    last = row
  }
  return last[b.length]!
}
