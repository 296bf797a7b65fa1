// The kept results as lines to draw: which contender has which colour, and the median course over rounds.

import { median } from '../measure/stats.ts'
import type { Series } from '../scenarios/scenario.ts'
import type { Line } from './chart.ts'

/** What a picture needs of a sample in `results/*.json`. */
export interface Kept {
  scenario: string
  contender: string
  series?: Series
}

const order = ['shieldproxy', 'nginx', 'HAProxy', 'Caddy', 'http-proxy-3', 'fastify']

/** One line for each contender that has that series, points averaged over rounds by the median of x and y. */
export function lines(samples: readonly Kept[], scenario: string, series: string): Line[] {
  return order.flatMap((name, style) => {
    const own = samples
      .filter(each => each.scenario === scenario && each.contender === name)
      .map(each => each.series?.[series])
      .filter(points => points !== undefined)
    if (own.length === 0) return []
    const length = Math.min(...own.map(points => points.length))
    const points = Array.from(
      { length },
      (_, index) =>
        [median(own.map(each => each[index]![0])), median(own.map(each => each[index]![1]))] as const,
    )
    return [{ name, style, points }]
  })
}
