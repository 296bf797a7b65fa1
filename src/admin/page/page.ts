// The live page: shows what the admin listener streams, once a second, and nothing else. All text goes in as text,
// never as markup: URLs and headers come from strangers.

import { type Sample, startCharts } from './charts.ts'

interface Inflight {
  readonly id: string
  readonly client: string
  readonly method: string
  readonly url: string
  readonly phase: string
  readonly age_ms: number
  readonly worker_ms: number
  readonly pid: number | null
  readonly client_present: boolean
}

interface Upstream {
  readonly name: string
  readonly state: string
  readonly down_ms: number | null
  readonly slots: number | null
  readonly slots_from: string
  readonly busy: number
  readonly lanes: readonly (string | null)[]
}

interface Status {
  readonly version: string
  readonly uptime_s: number
  readonly ready: boolean
  readonly reason: string
  readonly worker_timeout_ms: number | null
  readonly upstreams: readonly Upstream[]
  readonly queue: {
    readonly length: number
    readonly limit: number
    readonly oldest_ms: number
    readonly order?: string
  }
  readonly spools: {
    readonly open: number
    readonly memory: number
    readonly memory_limit: number
    readonly disk: number
    readonly disk_limit: number
  }
  readonly connections: { readonly idle: number; readonly active: number; readonly limit: number }
  readonly inflight_total: number
  readonly inflight: readonly Inflight[]
  readonly incidents: readonly {
    readonly time: string
    readonly cause: string
    readonly method: string
    readonly url: string
    readonly age_ms: number
    readonly upstream: string
    readonly evidence: readonly string[]
    readonly advice: string
  }[]
  readonly slowest: readonly {
    readonly route: string
    readonly count: number
    readonly p50_ms: number
    readonly p95_ms: number
    readonly p99_ms: number
    readonly mean: Readonly<Record<string, number>>
  }[]
}

/** Seconds that the charts show. */
const SHOWN = 600
/** Lanes and rows that are drawn at most; beyond it their number is told. */
const LANES = 64
const ROWS = 12
/** Without an event for so long (milliseconds), what is on the page is old. */
const SILENCE = 4_000

const place = (id: string): HTMLElement => document.getElementById(id) as HTMLElement

function element(tag: string, className: string, ...children: (Node | string)[]): HTMLElement {
  const made = document.createElement(tag)
  if (className !== '') made.className = className
  made.append(...children)
  return made
}

function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`
  const seconds = Math.floor(ms / 1_000)
  const [h, m] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60)]
  if (h >= 48) return `${Math.floor(h / 24)} d ${h % 24} h`
  return h > 0 ? `${h} h ${m} min` : `${m} min ${seconds % 60} s`
}

function size(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}

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

const PARTS = ['queue', 'wait', 'respond', 'deliver'] as const

function showSlowest(status: Status): void {
  const rows = status.slowest.map(({ route, count, p50_ms, p95_ms, p99_ms, mean }) => {
    const times: Record<(typeof PARTS)[number], number> = {
      queue: (mean.queue ?? 0) + (mean.hold ?? 0),
      wait: (mean.connect ?? 0) + (mean.wait ?? 0),
      respond: mean.respond ?? 0,
      deliver: (mean.deliver ?? 0) + (mean.receive ?? 0),
    }
    const total = PARTS.reduce((sum, part) => sum + times[part], 0)
    const split = element(
      'div',
      'split',
      ...PARTS.map(part => {
        const piece = element('span', part)
        piece.style.width = `${total === 0 ? 0 : (times[part] / total) * 100}%`
        return piece
      }),
    )
    split.title = PARTS.map(part => `${part} ${duration(times[part])}`).join(', ')
    split.setAttribute('role', 'img')
    split.setAttribute('aria-label', split.title)
    const name = element('td', '', route)
    name.title = route
    return element(
      'tr',
      '',
      name,
      ...[String(count), duration(p50_ms), duration(p95_ms), duration(p99_ms)].map(text =>
        element('td', 'n', text),
      ),
      element('td', '', split),
    )
  })
  if (rows.length === 0)
    rows.push(element('tr', '', element('td', 'hint', 'no request has been answered yet')))
  place('slowest')
    .querySelector('tbody')
    ?.replaceChildren(...rows)
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
  showSlowest(status)
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
