// The table of slow routes: where the time of each goes, and its phases when they are unfolded.

import { duration, element, place } from './element.ts'
import type { Percentiles, SlowRoute } from './status.ts'

const PARTS = ['queue', 'wait', 'respond', 'deliver'] as const

let latest: readonly SlowRoute[] = []
/** Routes whose phases are unfolded. */
const unfolded = new Set<string>()

/** Fills the table anew, the slowest first; what was unfolded stays so. */
export function showSlowest(slowest: readonly SlowRoute[]): void {
  latest = slowest
  const rows = slowest.flatMap(route =>
    unfolded.has(route.route) ? [routeRow(route), ...phaseRows(route)] : [routeRow(route)],
  )
  if (rows.length === 0)
    rows.push(element('tr', '', element('td', 'hint', 'no request has been answered yet')))
  // Made anew every second: who moves through it by keyboard stays where they were.
  const focused = document.activeElement?.getAttribute('data-route')
  place('slowest')
    .querySelector('tbody')
    ?.replaceChildren(...rows)
  if (focused == null) return
  for (const button of place('slowest').querySelectorAll('button')) {
    if (button.dataset.route === focused) button.focus()
  }
}

function routeRow(slow: SlowRoute): HTMLElement {
  const { route, count, mean } = slow
  const button = element('button', 'fold', unfolded.has(route) ? '▾ ' : '▸ ', route)
  button.title = `${route}: percentiles by phase`
  button.dataset.route = route
  button.setAttribute('aria-expanded', String(unfolded.has(route)))
  button.addEventListener('click', () => {
    if (!unfolded.delete(route)) unfolded.add(route)
    showSlowest(latest)
  })
  return element(
    'tr',
    '',
    element('td', '', button),
    ...figures(String(count), slow),
    element('td', '', splitOf(mean)),
  )
}

/** Where the time of a route goes, as a bar. */
function splitOf(mean: SlowRoute['mean']): HTMLElement {
  const times: Record<(typeof PARTS)[number], number> = {
    queue: (mean.queue ?? 0) + (mean.hold ?? 0),
    wait: (mean.connect ?? 0) + (mean.wait ?? 0),
    respond: mean.respond ?? 0,
    deliver: (mean.deliver ?? 0) + (mean.receive ?? 0),
  }
  const total = PARTS.reduce((sum, part) => sum + times[part], 0)
  const pieces = PARTS.map(part => {
    const piece = element('span', part)
    piece.style.width = `${total === 0 ? 0 : (times[part] / total) * 100}%`
    return piece
  })
  const split = element('div', 'split', ...pieces)
  split.title = PARTS.map(part => `${part} ${duration(times[part])}`).join(', ')
  split.setAttribute('role', 'img')
  split.setAttribute('aria-label', split.title)
  return split
}

function phaseRows({ phases, mean }: SlowRoute): HTMLElement[] {
  const shown = Object.entries(phases).filter(([, { p99_ms }]) => p99_ms > 0)
  return shown.map(([phase, percentiles]) =>
    element(
      'tr',
      'phase',
      element('td', '', phase),
      ...figures('', percentiles),
      element('td', '', `${duration(mean[phase] ?? 0)} on average`),
    ),
  )
}

function figures(count: string, { p50_ms, p95_ms, p99_ms }: Percentiles): HTMLElement[] {
  return [count, duration(p50_ms), duration(p95_ms), duration(p99_ms)].map(text => element('td', 'n', text))
}
