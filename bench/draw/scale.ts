// The pictures of cost over idle connections in docs/performance.md, from the samples of the `scale` scenario. Pure.

import { type Panel, picture, ticksTo } from './chart.ts'
import { type Kept, lines } from './kept.ts'

const x = {
  label: 'idle connections',
  ticks: [100, 1000, 5000, 15_000],
  scale: 'log' as const,
  text: (value: number) => value.toLocaleString('en'),
}

/** Memory and processor time over connections held; null when the samples have none. */
export function drawScale(samples: readonly Kept[]): string | null {
  return drawn(samples, 'Resident memory and processor time over idle connections', [
    ['Resident memory', 'MB', 'megabytes'],
    ['Processor time of a live request', 'µs', 'micros'],
  ])
}

/** Latency over connections held; null when the samples have none. Means nothing on a machine that others use. */
export function drawLatency(samples: readonly Kept[]): string | null {
  return drawn(samples, 'Latency over idle connections', [
    ['Median of live requests, 200 a second', 'ms', 'p50'],
    ['99th percentile of the same', 'ms', 'p99'],
  ])
}

function drawn(
  samples: readonly Kept[],
  about: string,
  panels: [title: string, label: string, series: string][],
): string | null {
  if (lines(samples, 'scale', 'micros').length === 0) return null
  const all = panels.map(([title, label, series]): Panel => {
    const own = lines(samples, 'scale', series)
    const highest = Math.max(...own.flatMap(({ points }) => points.map(([, value]) => value)))
    return { title, x, y: { label, ticks: ticksTo(highest) }, lines: own }
  })
  return picture(all, { about, height: 300, columns: 2 })
}
