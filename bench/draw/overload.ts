// The picture of docs/overload.md from the samples of the `curve` scenario. Pure.

import { type Line, picture } from './chart.ts'
import { type Kept, lines } from './kept.ts'

const ideal: Line = {
  name: 'possible',
  style: null,
  points: [
    [0, 0],
    [1, 1],
    [3.2, 1],
  ],
}

/** Goodput and answered health checks against offered load; null when the samples have none. */
export function drawOverload(samples: readonly Kept[]): string | null {
  const goodput = lines(samples, 'curve', 'goodput')
  if (goodput.length === 0) return null
  const x = { label: 'offered load, × what the workers can do', ticks: [0, 1, 2, 3], to: 3.2 }
  const y = { ticks: [0, 0.2, 0.4, 0.6, 0.8, 1] }
  return picture(
    [
      {
        title: 'Answers in time, clients leave after 1 s',
        x,
        y: { ...y, label: 'goodput, × what the workers can do' },
        lines: [...goodput, ideal],
      },
      {
        title: 'Health checks answered within 1 s',
        x,
        y: { ...y, label: 'share' },
        lines: lines(samples, 'curve', 'healthy'),
      },
    ],
    {
      about: 'Goodput and answered health checks against offered load',
      height: 380,
      columns: 2,
    },
  )
}
