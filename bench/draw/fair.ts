// The picture of how an overload falls on clients, from the samples of the `fair` scenario. Pure.

import { type Panel, picture } from './chart.ts'
import { type Kept, lines } from './kept.ts'

/** The share answered in time of each client, the least served first; null when the samples have none. */
export function drawFair(samples: readonly Kept[]): string | null {
  const panels = [
    ['20 clients, 1.1 × the capacity', 'equal'],
    ['20 clients of 2/s, beside one of 500/s', 'polite'],
  ].map(
    ([title, series]): Panel => ({
      title: title!,
      x: { label: 'client, the least served first', ticks: [1, 5, 10, 15, 20], to: 20 },
      y: { label: 'share answered within 1 s', ticks: [0, 0.2, 0.4, 0.6, 0.8, 1] },
      lines: lines(samples, 'fair', series!),
    }),
  )
  if (panels.every(panel => panel.lines.length === 0)) return null
  return picture(panels, { about: 'How an overload falls on clients', height: 300, columns: 2 })
}
