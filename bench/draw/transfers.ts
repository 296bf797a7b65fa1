// The picture of memory during many large bodies in docs/performance.md, from the samples of the `transfers`
// scenario. Pure.

import { picture, ticksTo } from './chart.ts'
import { type Kept, lines } from './kept.ts'

/** Resident memory and files over time; null when the samples have none. */
export function drawTransfers(samples: readonly Kept[]): string | null {
  const resident = lines(samples, 'transfers', 'resident')
  const files = lines(samples, 'transfers', 'files')
  if (resident.length === 0) return null
  const ends = (drawn: typeof resident, at: 0 | 1): number =>
    Math.max(...drawn.flatMap(({ points }) => points.map(point => point[at])))
  const x = { label: 'seconds', ticks: ticksTo(ends(resident, 0)) }
  return picture(
    [
      {
        title: 'Resident memory',
        x,
        y: { label: 'MB', ticks: ticksTo(ends(resident, 1)) },
        lines: resident,
      },
      { title: 'Temporary files', x, y: { label: 'GB', ticks: ticksTo(ends(files, 1)) }, lines: files },
    ],
    { about: 'Resident memory and temporary files during 400 transfers of 50 MB', height: 320, columns: 2 },
  )
}
