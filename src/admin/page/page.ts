// The live page: shows what the admin listener streams, once a second, and nothing else.

import { type Sample, startCharts } from './charts.ts'
import { duration, element, place, size } from './element.ts'
import { showSlowest } from './slowest.ts'
import type { Inflight, Status } from './status.ts'

/** Seconds that the charts show. */
const SHOWN = 600
/** Lanes and rows that are drawn at most; beyond it their number is told. */
const LANES = 64
const ROWS = 12
/** Without an event for so long (milliseconds), what is on the page is old. */
const SILENCE = 4_000

function showUpstreams(status: Status): void {
  const byId = new Map(status.inflight.map(request => [request.id, request]))
  place('upstreams').replaceChildren(
    ...status.upstreams.map(upstream => {
      const count = Math.max(upstream.slots ?? 0, upstream.lanes.length)
      const lanes = Array.from({ length: Math.min(count, LANES) }, (_, i) => upstream.lanes[i] ?? null)
      const limit = upstream.slots === null ? 'no limit' : `of ${upstream.slots}`
      const state = upstream.state === 'down' ? `down for ${duration(upstream.down_ms ?? 0)}, ` : ''
      const title = element(
        'h3',
        '',
        `${upstream.name} `,
        element('small', '', `${state}${upstream.busy} busy ${limit} (${upstream.slots_from})`),
      )
      const list = element(
        'ol',
        'lanes',
        ...lanes.map((id, i) => lane(i, id, id === null ? undefined : byId.get(id), status)),
      )
      const more = count > LANES ? [element('p', 'more', `and ${count - LANES} more`)] : []
      return element('div', 'upstream', title, list, ...more)
    }),
  )
}

function lane(number: number, id: string | null, request: Inflight | undefined, status: Status): HTMLElement {
  if (id === null) return element('li', 'lane free', `${number} free`)
  // Its client has its answer, and the worker has not hung up yet.
  if (request === undefined)
    return element('li', 'lane', element('div', 'what', `${number} finishing`), element('div', 'who', id))
  const limit = status.worker_timeout_ms ?? 30_000
  const share = Math.min(1, request.worker_ms / limit)
  const item = element(
    'li',
    share > 0.9 ? 'lane late' : share > 0.5 ? 'lane long' : 'lane',
    element('span', 'age', duration(request.worker_ms)),
    element('div', 'what', `${request.method} ${request.url}`),
    element(
      'div',
      'who',
      `${number} ${request.pid === null ? '' : `pid ${request.pid} `}${request.phase}, ${request.client}${request.client_present ? '' : ', who has left'}`,
    ),
  )
  item.title = `${request.method} ${request.url}\n${request.id}`
  const bar = element('span', 'bar')
  bar.style.width = `${share * 100}%`
  item.append(bar)
  return item
}

function showWaiting(status: Status): void {
  const inLanes = new Set(status.upstreams.flatMap(upstream => upstream.lanes))
  const waiting = status.inflight.filter(request => !inLanes.has(request.id))
  const rows = waiting.slice(0, ROWS).map(request => {
    const what = element('td', '', `${request.method} ${request.url}`)
    what.title = `${request.url}\n${request.id}`
    return element(
      'tr',
      '',
      what,
      element('td', '', request.phase),
      element('td', 'n', duration(request.age_ms)),
      element('td', '', `${request.client}${request.client_present ? '' : ' (left)'}`),
    )
  })
  const hidden = waiting.length - rows.length + status.inflight_total - status.inflight.length
  if (rows.length === 0) rows.push(element('tr', '', element('td', 'hint', 'none')))
  else if (hidden > 0) rows.push(element('tr', '', element('td', 'hint', `and ${hidden} more`)))
  place('waiting')
    .querySelector('tbody')
    ?.replaceChildren(...rows)
  const { length, limit, oldest_ms, order } = status.queue
  const how = order === undefined ? '' : `, ${order.replaceAll('_', ' ')}`
  place('queue-now').textContent = `${length} waiting of ${limit}, the first for ${duration(oldest_ms)}${how}`
}

function showIncidents(status: Status): void {
  const items = status.incidents
    .slice(0, ROWS)
    .map(incident =>
      element(
        'li',
        incident.cause,
        element('b', '', incident.cause),
        ` ${incident.method} ${incident.url}, after ${duration(incident.age_ms)}, ${incident.upstream}, ${new Date(incident.time).toLocaleTimeString()}`,
        element('small', '', `${incident.evidence.join('; ')}. ${incident.advice}`),
      ),
    )
  if (items.length === 0) items.push(element('li', 'hint', 'none'))
  place('incidents').replaceChildren(...items)
}

function showRoom({ connections, spools }: Status): void {
  const rows: [string, string][] = [
    ['client connections', `${connections.active} active, ${connections.idle} idle, of ${connections.limit}`],
    ['spools', `${spools.open} open`],
    ['in memory', `${size(spools.memory)} of ${size(spools.memory_limit)}`],
    ['on disk', `${size(spools.disk)} of ${size(spools.disk_limit)}`],
  ]
  place('room').replaceChildren(
    ...rows.flatMap(([name, value]) => [element('dt', '', name), element('dd', '', value)]),
  )
}

function showState(text: string, bad: boolean): void {
  const state = place('state')
  if (state.textContent !== text) state.textContent = text
  state.classList.toggle('bad', bad)
}

function show(status: Status): void {
  place('version').textContent = `${status.version}, up ${duration(status.uptime_s * 1_000)}`
  showState(status.ready ? 'ready' : `not ready: ${status.reason}`, !status.ready)
  document.title = `${status.ready ? '' : '⚠ '}shieldproxy`
  showUpstreams(status)
  showWaiting(status)
  showSlowest(status.slowest)
  showIncidents(status)
  showRoom(status)
}

const charts = startCharts(place('rate'), place('queue'))
let samples: Sample[] = []
let silence: ReturnType<typeof setTimeout> | undefined

function heard(): void {
  clearTimeout(silence)
  silence = setTimeout(showState, SILENCE, 'no news: is it still running?', true)
}

// The browser connects again by itself when the stream ends.
const events = new EventSource('/events')
events.addEventListener('history', event => {
  samples = JSON.parse(event.data)
  charts.update(samples)
})
events.addEventListener('status', event => {
  const { status, sample } = JSON.parse(event.data) as { status: Status; sample: Sample | null }
  heard()
  if (sample !== null && sample.at !== samples.at(-1)?.at) {
    samples.push(sample)
    if (samples.length > SHOWN) samples.shift()
    charts.update(samples)
  }
  show(status)
})
events.addEventListener('error', () => showState('no connection; trying again', true))
heard()
