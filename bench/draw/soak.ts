// The picture of ten minutes of mixed load in docs/performance.md, from the samples of the `soak` scenario. Pure.

import { type Panel, picture, ticksTo } from './chart.ts'
import { type Kept, lines } from './kept.ts'

/** Memory and descriptors over time; null when the samples have none. */
export function drawSoak(samples: readonly Kept[]): string | null {
  if (lines(samples, 'soak', 'resident').length === 0) return null
  const panel = (title: string, label: string, names: Record<string, string>): Panel => {
    const drawn = Object.entries(names).flatMap(([series, name], style) =>
      lines(samples, 'soak', series).map(line => ({ ...line, name, style })),
    )
    const highest = Math.max(...drawn.flatMap(({ points }) => points.map(([, value]) => value)))
    const last = Math.max(...drawn.flatMap(({ points }) => points.map(([minute]) => minute)))
    const x = { label: 'minutes', ticks: ticksTo(last) }
    return { title, x, y: { label, ticks: ticksTo(highest) }, lines: drawn }
  }
  return picture(
    [
      panel('Memory', 'MB', { resident: 'resident', heap: 'heap' }),
      panel('Descriptors', 'open', {
        clients: 'clients',
        descriptors: 'all others',
        files: 'of these files',
      }),
    ],
    { about: 'Memory and descriptors during ten minutes of mixed load', height: 300, columns: 2 },
  )
}
