// One group of upstreams with all that belongs to it: the queue in front of it, its addresses, the search for the number
// of its workers. Built here from what the flags or an upstream block say; joins rooms, and decides nothing.

import { Admission } from '../admit/admission.ts'
import type { Lanes } from '../admit/lanes.ts'
import { type Clock, now } from '../clock.ts'
import type { Config } from '../config/config.ts'
import type { GroupConfig, GroupServer } from '../config/nginx/group-config.ts'
import { NOTHING_SAID } from '../config/nginx/modules/shield.ts'
import type { SiteConfig } from '../config/nginx/site.ts'
import { USUAL } from '../config/nginx/upstream-server.ts'
import type { ComputedTarget, UpstreamGroup } from '../house.ts'
import type { Observer } from '../observe/observer.ts'
import { pickerFor } from '../upstream/balance/picker.ts'
import type { Fleet, Outlook } from '../upstream/fleet.ts'
import { NameServers } from '../upstream/name-servers.ts'
import { literalPlace, lookUp, toldApart } from '../upstream/names.ts'
import type { Upstream } from '../upstream/upstream.ts'
import type { Member, Names } from '../upstream/whereabouts.ts'
import { buildFleet } from './fleet.ts'
import { GroupChooser } from './group-chooser.ts'
import { OverloadNotice } from './overload-notice.ts'
import { SlotSearch } from './slot-search.ts'

/** What is made of a group's own words and the flags: times in milliseconds. */
export interface GroupTerms {
  readonly queueSize: number
  readonly queueTimeout: number
  readonly hold: number
  /** Null: not known, or none. */
  readonly workerTimeout: number | null
  readonly workers: number | null
  readonly workersFrom: string
  readonly workersCertain: boolean
  readonly probePath: string
}

export interface GroupParts {
  readonly config: Config
  readonly clock: Clock
  readonly observer: Observer
  readonly draining: boolean
  /** The file as it was read last; null: there is none. */
  readonly site: SiteConfig | null
  /** Where it is kept which of an upstream's lanes are taken; absent: in its pool. It may come to be there later. */
  lanesOf?(group: Group, upstream: Upstream): Lanes
  /** The upstream is given nothing more. */
  removed?(group: Group, upstream: Upstream): void
}

/** What is spoken with an address that a request worked out. */
export type Spoken = Pick<ComputedTarget, 'secure' | 'family'>

const PLAINLY: Spoken = { secure: false, family: 'http' }

/** Where a group comes from: the flags, the file, or a request for which its address was worked out. */
export type Origin = 'flags' | 'file' | 'request'

export class Group implements UpstreamGroup {
  readonly name: string
  readonly config: GroupConfig
  readonly origin: Origin
  readonly terms: GroupTerms
  readonly hold: number
  readonly workerTimeout: number | null
  readonly admission: Admission<Upstream>
  readonly search: SlotSearch
  readonly fleet: Fleet
  /** Where a request goes is the method's to say. */
  readonly hasChoice: boolean
  /** When it was last asked for; for those that are made for a request. */
  usedAt = 0
  readonly #parts: Pick<GroupParts, 'draining'>
  /** Nobody is held, as with nginx: each request asks for itself whether one that refuses is back. */
  readonly #allAsk: boolean

  /**
   * @param spoken of one that is made for a request: what the request is passed on by
   * @param formerly where its names led in a file that was read before: there they lead as long as nobody tells
   */
  constructor(
    config: GroupConfig,
    origin: Origin,
    parts: GroupParts,
    spoken: Spoken = PLAINLY,
    formerly?: Names,
  ) {
    const { clock, observer } = parts
    const terms = termsOf(config, parts.config)
    this.name = config.name
    this.config = config
    this.origin = origin
    this.terms = terms
    this.hasChoice = hasChoice(config, origin)
    this.hold = terms.hold
    this.workerTimeout = terms.workerTimeout
    this.#parts = parts
    this.#allAsk = origin !== 'flags' && terms.hold === 0
    const overload = new OverloadNotice(observer.log, origin === 'flags' ? {} : { group: config.name })
    this.admission = new Admission<Upstream>({
      queueSize: terms.queueSize,
      queueTimeout: terms.queueTimeout,
      clock,
      outlook: () => this.outlook,
      orderChanged: order => overload.turned(order, this.admission.length, this.admission.patience),
      chooser: this.hasChoice ? new GroupChooser(pickerFor(config.balance)) : undefined,
    })
    this.search = new SlotSearch({ config: terms, admission: this.admission, log: observer.log })
    const members = origin === 'flags' ? config.servers : membersOf(config, origin)
    const asks = config.resolver.length > 0 || config.servers.some(({ service }) => service !== null)
    const names = asks ? new NameServers(config.resolver) : null
    this.fleet = buildFleet({
      config: { ...parts.config, hold: terms.hold },
      members,
      probePath: terms.probePath,
      probeTerms: async () => {
        const { site } = parts
        return site && (await import('./probe-terms.ts')).probeTerms(site, config, spoken)
      },
      admission: this.admission,
      observer,
      search: this.search,
      ...(formerly && { formerly }),
      refusesUnknown: origin === 'request',
      askedBy: this.#allAsk ? 'all' : 'one at a time',
      ...(names === null ? {} : { lookUp: member => (member.asked ? names.lookUp(member) : lookUp(member)) }),
      get draining() {
        return parts.draining
      },
      lanesOf: upstream => parts.lanesOf?.(this, upstream),
      removed: upstream => parts.removed?.(this, upstream),
    })
  }

  left(tried: readonly string[] | null, at = now()): number {
    // Of addresses that a request works out nginx knows nothing beyond that request.
    const counts = this.origin !== 'request'
    const isLeft = (upstream: Upstream) =>
      (upstream.isUp || this.#mayBeBack(upstream, at)) &&
      !(counts && upstream.standing.isOut(at)) &&
      tried?.includes(upstream.name) !== true
    return this.fleet.all.filter(isLeft).length
  }

  // Where nobody waits for one that refuses, and the file has it never left out, a request asks it as with nginx.
  #mayBeBack(upstream: Upstream, at: number): boolean {
    return this.hold === 0 && upstream.standing.terms.maxFails === 0 && upstream.admits(at)
  }

  /** What its queue goes by. Where each request asks for itself, none is sent away for what another one has found. */
  get outlook(): Outlook {
    const asks = this.#allAsk && !this.#parts.draining && this.fleet.all.some(({ isKnown }) => isKnown)
    return asks ? 'open' : this.fleet.outlook
  }

  get addresses(): string[] {
    return this.fleet.all.filter(({ endpoint }) => endpoint !== null).map(({ where }) => where)
  }

  /** The coarse clock's beat. */
  tick(at: number): void {
    this.fleet.tick(at)
    this.admission.tick(at)
    this.search.tick(at)
  }

  /** Nothing of it is under way. */
  get isIdle(): boolean {
    return this.admission.length === 0 && this.admission.pools.every(({ busy }) => busy === 0)
  }

  stop(): void {
    this.fleet.stop()
    this.search.stop()
  }
}

/** With flags, and where there is one address only, the least busy is as good as any. */
function hasChoice({ servers }: GroupConfig, origin: Origin): boolean {
  return origin !== 'flags' && (servers.length > 1 || literalPlace(servers[0]!, servers[0]!.resolve) === null)
}

/** Of the servers of a block with their places in the metrics: names tell groups apart, and twins in one. */
function membersOf({ name, named, servers }: GroupConfig, origin: Origin): Member[] {
  const told = toldApart(servers.map(server => (named ? `${name}/${server.name}` : name)))
  return servers.map((server, rank) => ({
    name: told[rank]!,
    address: server.address,
    asked: server.resolve,
    service: server.service,
    membership: {
      server: server.name,
      terms: server,
      withdrawn: server.down,
      rank,
      // Whoever asks may have a say in which they are.
      label: origin === 'request' ? 'computed' : null,
    },
  }))
}

/** So many are asked of one address at a time where its block does not say: memcached takes 1,024 of all its clients. */
const OF_A_STORE = 256

function termsOf({ shield, isStore }: GroupConfig, config: Config): GroupTerms {
  const said = shield.workers !== null
  const workers =
    isStore === true
      ? { workers: OF_A_STORE, workersFrom: 'memcached_pass', workersCertain: true }
      : { workers: config.workers, workersFrom: config.workersFrom, workersCertain: config.workersCertain }
  return {
    queueSize: shield.queueSize ?? config.queueSize,
    queueTimeout: shield.queueTimeout ?? config.queueTimeout,
    hold: shield.hold ?? config.hold,
    workerTimeout: shield.workerTimeout === null ? config.workerTimeout : shield.workerTimeout || null,
    ...workers,
    ...(said && {
      workers: shield.workers === 'auto' ? null : shield.workers,
      workersFrom: 'shield_workers',
      workersCertain: shield.workers !== 'auto',
    }),
    probePath: shield.healthchecks?.[0] ?? config.healthcheckPaths[0] ?? '/',
  }
}

/** The one group of the flags. */
export function flagsGroup({ upstreams }: Config): GroupConfig {
  const at = { file: '', line: 0 }
  const servers = upstreams.map(({ name, address }): GroupServer => ({ name, address, ...USUAL, at }))
  return {
    name: '',
    servers,
    balance: { by: 'round robin' },
    named: false,
    resolver: [],
    shield: NOTHING_SAID,
    at,
  }
}
