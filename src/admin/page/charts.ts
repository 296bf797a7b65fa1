// The two charts of the live page, drawn by uPlot from the samples of the last minutes. Knows no status.

import uPlot from './uplot.js'

/** One second: when (seconds since 1970), requests that ended by outcome, and the queue at its end. */
export interface Sample {
  readonly at: number
  readonly ok: number
  readonly client: number
  readonly upstream: number
  readonly timeout: number
  readonly proxy: number
  readonly queue: number
  /** Milliseconds that the first in the queue had waited. */
  readonly oldest: number
}

const OUTCOMES = ['ok', 'client', 'upstream', 'timeout', 'proxy'] as const
const WORDS = {
  ok: 'ok',
  client: 'client left',
  upstream: 'app failed',
  timeout: 'too slow',
  proxy: 'refused',
}
const HEIGHT = 190

export interface Charts {
  update(samples: readonly Sample[]): void
}

/** Draws both into the places that are given, and again at the other size when the window has another. */
export function startCharts(rate: HTMLElement, queue: HTMLElement): Charts {
  let samples: readonly Sample[] = []
  let plots: uPlot[] = []
  const build = () => {
    for (const plot of plots) plot.destroy()
    plots = [ratePlot(rate), queuePlot(queue)]
    show()
  }
  const show = () => {
    const at = samples.map(sample => sample.at)
    // Each band on top of those before it; the outermost is drawn first.
    let below = samples.map(() => 0)
    const bands = OUTCOMES.map(name => (below = samples.map((sample, i) => (below[i] ?? 0) + sample[name])))
    plots[0]?.setData([at, ...bands.reverse()])
    plots[1]?.setData([at, samples.map(sample => sample.queue), samples.map(sample => sample.oldest / 1000)])
  }
  new ResizeObserver(() => {
    for (const [i, place] of [rate, queue].entries())
      plots[i]?.setSize({ width: place.clientWidth, height: HEIGHT })
  }).observe(rate)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', build)
  build()
  return {
    update: next => {
      samples = next
      show()
    },
  }
}

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
}

function axes(right?: string): uPlot.Axis[] {
  const look = {
    stroke: colour('faint'),
    grid: { stroke: colour('line'), width: 1 },
    ticks: { stroke: colour('line') },
  }
  const left: uPlot.Axis = { ...look, size: 46 }
  if (right === undefined) return [look, left]
  return [
    look,
    left,
    {
      ...look,
      side: 1,
      scale: right,
      size: 46,
      grid: { show: false },
      values: (_, ticks) => ticks.map(tick => `${tick} s`),
    },
  ]
}

function ratePlot(place: HTMLElement): uPlot {
  const series: uPlot.Series[] = [...OUTCOMES].reverse().map(name => ({
    label: WORDS[name],
    stroke: colour(name),
    fill: colour(name),
    width: 1,
    points: { show: false },
    // The value of the band itself: what is drawn is the sum up to it.
    value: (plot, _value, index, at) => {
      if (at === null) return '–'
      const [upper, lower] = [plot.data[index]?.[at] ?? 0, plot.data[index + 1]?.[at] ?? 0]
      return String(upper - (index === OUTCOMES.length ? 0 : lower))
    },
  }))
  return new uPlot(
    {
      width: place.clientWidth,
      height: HEIGHT,
      scales: { y: { range: (_, __, most) => [0, Math.max(5, most * 1.1)] } },
      series: [{}, ...series],
      axes: axes(),
      cursor: { drag: { x: false, y: false } },
    },
    [[], ...OUTCOMES.map(() => [])],
    place,
  )
}

function queuePlot(place: HTMLElement): uPlot {
  return new uPlot(
    {
      width: place.clientWidth,
      height: HEIGHT,
      scales: {
        y: { range: (_, __, most) => [0, Math.max(5, most * 1.1)] },
        wait: { range: (_, __, most) => [0, Math.max(1, most * 1.1)] },
      },
      series: [
        {},
        { label: 'waiting', stroke: colour('ok'), width: 2, points: { show: false } },
        {
          label: 'the first has waited',
          scale: 'wait',
          stroke: colour('timeout'),
          width: 2,
          points: { show: false },
        },
      ],
      axes: axes('wait'),
      cursor: { drag: { x: false, y: false } },
    },
    [[], [], []],
    place,
  )
}
