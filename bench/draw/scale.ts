// The picture of cost over idle connections in docs/performance.md, from the samples of the `scale` scenario. Pure.

import { type Panel, picture, ticksTo } from './chart.ts'
import { type Kept, lines } from './kept.ts'

const x = {
  label: 'idle connections',
  ticks: [100, 1000, 5000, 15_000],
  scale: 'log' as const,
  text: (value: number) => value.toLocaleString('en'),
}

/** Memory, processor time and latency over connections held; null when the samples have none. */
export function drawScale(samples: readonly Kept[]): string | null {
  const panel = (title: string, label: string, series: string): Panel => {
    const drawn = lines(samples, 'scale', series)
    const highest = Math.max(...drawn.flatMap(({ points }) => points.map(([, value]) => value)))
    return { title, x, y: { label, ticks: ticksTo(highest) }, lines: drawn }
  }
  if (lines(samples, 'scale', 'micros').length === 0) return null
  return picture(
    [
      panel('Resident memory', 'MB', 'megabytes'),
      panel('Processor time of a live request', 'µs', 'micros'),
      panel('Median of live requests, 200 a second', 'ms', 'p50'),
      panel('99th percentile of the same', 'ms', 'p99'),
    ],
    { about: 'Memory, processor time and latency over idle connections', height: 290, columns: 2 },
  )
}
