// All groups of upstreams: with flags the one, of a file its own, and those that requests work out the address of. The
// latter are made when first asked for, are bounded in number, and forgotten when nobody has asked for them for a while.

import type { Config } from './config/config.ts'
import { groupName, groupOf, hasPort } from './config/nginx/proxy-pass.ts'
import type { GroupConfig } from './config/nginx/site.ts'
import { readUpstreamAddress } from './config/nginx/upstream-server.ts'
import { Failure } from './errors.ts'
import { now } from './exchange.ts'
import { flagsGroup, Group, type GroupParts, type Origin, type Spoken } from './group.ts'
import type { ComputedTarget, UpstreamGroups } from './house.ts'
import type { Outlook } from './upstream/fleet.ts'
import { literalPlace } from './upstream/names.ts'

/** Of groups that requests work out, so many are kept at most, and each so long after its last use (milliseconds). */
const MOST_COMPUTED = 256
const FORGOTTEN_AFTER_MS = 600_000
const FORGET_EVERY_MS = 10_000
/** A request that began before a reload may still be on its way to its group for so long. */
const RETIRED_FOR_MS = 120_000

const OUTLOOKS: readonly Outlook[] = ['open', 'held', 'refusing']

export class Groups implements UpstreamGroups {
  readonly #parts: GroupParts & { readonly config: Config }
  /** Those of the flags or of the file; the first is what a command after `--` runs. */
  configured: readonly Group[]
  readonly #byName = new Map<string, Group>()
  readonly #computed = new Map<string, Group>()
  /** Those of a file that was read before, until nobody needs them. */
  readonly #retired = new Set<Group>()
  #words: { readonly words: string | null } | null = null
  #forgotAt = 0
  /** Told of each group that is made for a request, and of each that is forgotten. */
  onChange: (group: Group, there: boolean) => void = () => {}

  constructor(parts: GroupParts & { readonly config: Config }) {
    this.#parts = parts
    this.configured = this.#describedBy(parts.config).map(([config, origin]) => this.#make(config, origin))
    for (const group of this.configured) this.#byName.set(group.name, group)
  }

  #describedBy(config: Config): (readonly [GroupConfig, Origin])[] {
    const described = config.site?.groups ?? []
    if (described.length === 0) return [[flagsGroup(config), 'flags']]
    return described.map(group => [group, 'file'])
  }

  /**
   * Follows a file that was read anew: a group of which it says the same stays, with its queue and all that is known of its
   * addresses; one that it does not name any more, or names otherwise, serves those that have come to it and then ends.
   */
  reload(next: Config): void {
    const before = this.configured
    const known = new Map(before.map(group => [wordsOf(group.config), group]))
    this.configured = this.#describedBy(next).map(
      ([config, origin]) => known.get(wordsOf(config)) ?? this.#open(config, origin),
    )
    for (const group of this.configured) this.#byName.set(group.name, group)
    const at = now()
    for (const group of before) {
      if (this.configured.includes(group)) continue
      group.usedAt = at
      this.#retired.add(group)
    }
    this.refresh()
  }

  #open(config: GroupConfig, origin: Origin, spoken?: Spoken): Group {
    const group = this.#make(config, origin, spoken)
    if (this.#words !== null) group.admission.pause(this.#words.words)
    this.onChange(group, true)
    void group.fleet.start()
    return group
  }

  #forgetRetired(at: number): void {
    for (const group of this.#retired) {
      if (!group.isIdle || at - group.usedAt < RETIRED_FOR_MS) continue
      this.#retired.delete(group)
      if (this.#byName.get(group.name) === group) this.#byName.delete(group.name)
      group.stop()
      this.onChange(group, false)
    }
  }

  #make(config: GroupConfig, origin: Origin, spoken?: Spoken): Group {
    return new Group(config, origin, this.#parts, spoken)
  }

  get first(): Group {
    return this.configured[0]!
  }

  get all(): readonly Group[] {
    return [...this.configured, ...this.#computed.values(), ...this.#retired]
  }

  /** The group of that name, as the file's own passes have it (`pass.group.name`). */
  of(name: string): Group {
    const group = this.#byName.get(name)
    if (group === undefined) throw new Error(`there is no group ${name}`)
    return group
  }

  /**
   * The group behind an address that was worked out for a request: one of the file's where it is one of theirs, as
   * nginx has it, else one of its own. A failure tells why there is none (502).
   */
  computed(target: ComputedTarget, at = now()): Group | Failure {
    const { host, secure, family, resolver } = target
    const key = keyOf(target)
    const known = this.#known(target, key)
    if (known !== undefined) {
      known.usedAt = at
      // As with nginx, that a name was not known is not kept.
      if (known.origin === 'request') known.fleet.askAgain()
      return known
    }
    const address =
      family === 'http' || hasPort(host) ? readUpstreamAddress(host, secure ? 443 : 80) : 'no port'
    if (typeof address === 'string')
      return new Failure('upstream_unknown', `${address} in upstream "${host}"`)
    const config = askedOf(groupOf(host, secure, address, { file: '', line: 0 }), resolver)
    if (literalPlace(config.servers[0]!) === null && resolver.length === 0) {
      return new Failure('upstream_unknown', `no resolver defined to resolve ${host}`)
    }
    if (this.#computed.size >= MOST_COMPUTED && !this.#makeRoom()) {
      return new Failure(
        'upstream_unknown',
        `${MOST_COMPUTED} upstreams that were worked out are in use already`,
      )
    }
    const group = this.#open(config, 'request', target)
    group.usedAt = at
    this.#computed.set(key, group)
    return group
  }

  // A block by its bare name, an address by what was written.
  #known({ host, secure }: ComputedTarget, key: string): Group | undefined {
    const name = host.toLowerCase()
    const written = groupName(name, secure)
    for (const group of this.configured) {
      if (group.origin === 'file' && group.name.toLowerCase() === (group.config.named ? name : written))
        return group
    }
    return this.#computed.get(key)
  }

  /** The one that was asked for longest ago makes room, if nothing of it is under way. */
  #makeRoom(): boolean {
    let oldest: [string, Group] | null = null
    for (const entry of this.#computed) {
      if (entry[1].isIdle && (oldest === null || entry[1].usedAt < oldest[1].usedAt)) oldest = entry
    }
    if (oldest !== null) this.#forget(...oldest)
    return oldest !== null
  }

  #forget(key: string, group: Group): void {
    this.#computed.delete(key)
    group.stop()
    this.onChange(group, false)
  }

  /**
   * Finds the first addresses of all of them.
   * @param bound settles when this process listens itself: an upstream may be one of its own addresses
   */
  async start(bound?: Promise<unknown>): Promise<void> {
    await Promise.all(this.configured.map(({ fleet }) => fleet.start(bound)))
  }

  /** The coarse clock's beat. */
  tick(at: number): void {
    for (const group of this.all) group.tick(at)
    if (at - this.#forgotAt < FORGET_EVERY_MS) return
    this.#forgotAt = at
    this.#forgetRetired(at)
    for (const [key, group] of this.#computed) {
      if (group.isIdle && at - group.usedAt >= FORGOTTEN_AFTER_MS) this.#forget(key, group)
    }
  }

  // — for all of them together

  /** Asks a worker by a whole request: whether anything came back; null when none was free to be asked. */
  async asksWorker(): Promise<boolean | null> {
    for (const { fleet } of this.configured) {
      const answer = await fleet.asksWorker()
      if (answer !== null) return answer
    }
    return null
  }

  /** The best that any group of the flags or the file can say. */
  get outlook(): Outlook {
    const all = this.configured.map(({ fleet }) => OUTLOOKS.indexOf(fleet.outlook))
    return OUTLOOKS[Math.min(...all)]!
  }

  /** How long all of them have refused, in milliseconds; 0 while one does not. */
  downFor(): number {
    return Math.min(...this.configured.map(({ fleet }) => fleet.downFor()))
  }

  /** How many wait. */
  get length(): number {
    let length = 0
    for (const { admission } of this.all) length += admission.length
    return length
  }

  pause(words: string | null): void {
    this.#words = { words }
    for (const { admission } of this.all) admission.pause(words)
  }

  resume(): void {
    this.#words = null
    for (const { admission } of this.all) admission.resume()
  }

  /** Works every outlook out anew. */
  update(): void {
    for (const { fleet } of this.all) fleet.update()
  }

  /** Has every name looked up again, now. */
  refresh(): void {
    for (const { fleet } of this.all) fleet.refresh()
  }

  stop(): void {
    for (const group of this.all) group.stop()
  }
}

// All that is said of a group, and not where.
function wordsOf(config: GroupConfig): string {
  return JSON.stringify(config, (key, value) => (key === 'at' ? undefined : value))
}

/** What needs no name server. */
const ADDRESS = /^(?:[\d.]+(?::\d+)?$|\[|unix:)/i

// The same name, asked of others, may lead elsewhere.
function keyOf({ host, secure, resolver }: ComputedTarget): string {
  const name = groupName(host.toLowerCase(), secure)
  return resolver.length === 0 || ADDRESS.test(host) ? name : `${name} ${resolver.join(' ')}`
}

function askedOf(config: GroupConfig, resolver: readonly string[]): GroupConfig {
  if (resolver.length === 0) return config
  return { ...config, resolver, servers: config.servers.map(server => ({ ...server, resolve: true })) }
}
