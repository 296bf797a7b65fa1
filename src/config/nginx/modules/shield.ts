// The shield's own settings in the same file: how many workers an app has, how long requests wait for one. In an
// `upstream` block they are that group's; anywhere else they hold for the groups that are passed on to from there: beside
// all blocks, too, where `-g` puts them before a file that is not to be changed. And what is peculiar to how the shield
// reads requests.

import type { GroupShield } from '../group-config.ts'
import { flag } from '../rows.ts'
import { invalidValue, type Level, type Module, type Reading, type Row } from '../table.ts'
import type { DirectiveNode } from '../tree.ts'
import { readNumber, readTime } from '../units.ts'

export interface ShieldSettings {
  /** For the groups that are passed on to; null: nothing is said. */
  readonly shieldWorkers: GroupShield['workers']
  readonly shieldQueueSize: GroupShield['queueSize']
  readonly shieldQueueTimeout: GroupShield['queueTimeout']
  readonly shieldHold: GroupShield['hold']
  readonly shieldWorkerTimeout: GroupShield['workerTimeout']
  /** Paths whose requests are served first and never held; null: the flag's. */
  readonly shieldHealthchecks: GroupShield['healthchecks']
  /** Whether lines of a request's head may end with LF alone. */
  readonly shieldBareLf: boolean
}

/** A group of which nothing is said. */
export const NOTHING_SAID: GroupShield = {
  workers: null,
  queueSize: null,
  queueTimeout: null,
  hold: null,
  workerTimeout: null,
  healthchecks: null,
}

/** Where a group's setting stands among those of a place. */
export const FIELDS: Readonly<Record<keyof GroupShield, Exclude<keyof ShieldSettings, 'shieldBareLf'>>> = {
  workers: 'shieldWorkers',
  queueSize: 'shieldQueueSize',
  queueTimeout: 'shieldQueueTimeout',
  hold: 'shieldHold',
  workerTimeout: 'shieldWorkerTimeout',
  healthchecks: 'shieldHealthchecks',
}

/** What the file says beside all blocks, which holds where they say nothing. */
export function saidByAll(main: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const fields = [...Object.values(FIELDS), 'shieldBareLf'].filter(field => field in main)
  return Object.fromEntries(fields.map(field => [field, main[field]]))
}

/** What a place says of the workers of those that it passes on to; null: nothing. */
export function saidAt(place: ShieldSettings): GroupShield | null {
  const fields = Object.entries(FIELDS) as [keyof GroupShield, (typeof FIELDS)[keyof GroupShield]][]
  if (fields.every(([, field]) => place[field] === null)) return null
  return Object.fromEntries(fields.map(([key, field]) => [key, place[field]])) as unknown as GroupShield
}

/** As many worker slots as `--workers` may say. */
const MOST_WORKERS = 100_000

function row(
  name: string,
  field: keyof GroupShield,
  read: (node: DirectiveNode) => GroupShield[keyof GroupShield] | undefined,
  allowed: string,
  args: Row['args'] = 1,
): Row {
  return {
    name,
    in: ['main', 'http', 'server', 'location', 'upstream'],
    args,
    take(node: DirectiveNode, level: Level, reading: Reading) {
      const value = read(node)
      if (value === undefined) {
        reading.problem(invalidValue(node, node.args.join(' '), allowed), node.at)
        return
      }
      if (level.context === 'upstream') {
        level.own.shield = { ...(level.own.shield as object | undefined), [field]: value }
      } else level.own[FIELDS[field]] = value
    },
  }
}

function whole(text: string, most: number): number | undefined {
  const number = readNumber(text)
  return number !== null && number <= most ? number : undefined
}

const duration = ({ args }: DirectiveNode): number | undefined => readTime(args[0]!) ?? undefined

export const shield: Module = {
  name: 'shieldproxy',
  rows: [
    row(
      'shield_workers',
      'workers',
      ({ args }) => (args[0] === 'auto' ? 'auto' : whole(args[0]!, MOST_WORKERS) || undefined),
      'a number from 1, or "auto"',
    ),
    row('shield_queue_size', 'queueSize', ({ args }) => whole(args[0]!, 1_000_000), 'a number up to 1000000'),
    row('shield_queue_timeout', 'queueTimeout', duration, 'a time such as 30s'),
    row('shield_hold', 'hold', duration, 'a time such as 30s; 0 holds nothing'),
    row('shield_worker_timeout', 'workerTimeout', duration, 'a time such as 30s; 0 where there is no limit'),
    row(
      'shield_healthcheck',
      'healthchecks',
      ({ args }) => {
        if (args.length === 1 && args[0] === 'off') return []
        return args.every(path => path.startsWith('/')) ? args : undefined
      },
      'paths such as /healthz, or "off"',
      [1, 32],
    ),
    flag('shield_bare_lf', ['main', 'http', 'server'], 'shieldBareLf'),
  ],
  defaults: {
    ...Object.fromEntries(Object.values(FIELDS).map(field => [field, null])),
    shieldBareLf: false,
  },
}
