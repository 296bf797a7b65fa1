// All groups of upstreams: with flags the one, of a file its own, those of a file that was read before, until nobody needs
// them, and those that requests work out the address of (`computed-groups.ts`).

import { now } from '../clock.ts'
import type { Config } from '../config/config.ts'
import type { GroupConfig } from '../config/nginx/group-config.ts'
import { groupName } from '../config/nginx/proxy-pass.ts'
import type { Failure } from '../errors.ts'
import type { ComputedTarget, UpstreamGroups } from '../house.ts'
import type { Outlook } from '../upstream/fleet.ts'
import type { Names } from '../upstream/whereabouts.ts'
import { ComputedGroups } from './computed-groups.ts'
import { flagsGroup, Group, type GroupParts, type Origin, type Spoken } from './group.ts'

/** How often those that nobody needs are looked for, in milliseconds. */
const FORGET_EVERY_MS = 10_000
/** A request that began before a reload may still be on its way to its group for so long, in milliseconds. */
const RETIRED_FOR_MS = 120_000

const OUTLOOKS: readonly Outlook[] = ['open', 'held', 'refusing']

export class Groups implements UpstreamGroups {
  readonly #parts: GroupParts & { readonly config: Config }
  /** Those of the flags or of the file; the first is what a command after `--` runs. */
  configured: readonly Group[]
  readonly #byName = new Map<string, Group>()
  readonly #computed = new ComputedGroups({
    open: (config, spoken) => this.#open(config, 'request', spoken),
    close: group => this.#close(group),
  })
  /** Those of a file that was read before, until nobody needs them. */
  readonly #retired = new Set<Group>()
  /** What a pause says to those who wait in vain; null: there is none. */
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
      ([config, origin]) =>
        known.get(wordsOf(config)) ?? this.#open(config, origin, undefined, namesIn(before, config)),
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

  #open(config: GroupConfig, origin: Origin, spoken?: Spoken, formerly?: Names): Group {
    const group = this.#make(config, origin, spoken, formerly)
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
      this.#close(group)
    }
  }

  #close(group: Group): void {
    group.stop()
    this.onChange(group, false)
  }

  #make(config: GroupConfig, origin: Origin, spoken?: Spoken, formerly?: Names): Group {
    return new Group(config, origin, this.#parts, spoken, formerly)
  }

  get first(): Group {
    return this.#apps[0]!
  }

  /** Those that have workers; where there are none, all. */
  get #apps(): readonly Group[] {
    const apps = this.configured.filter(({ config }) => config.isStore !== true)
    return apps.length === 0 ? this.configured : apps
  }

  get all(): readonly Group[] {
    return [...this.configured, ...this.#computed.all, ...this.#retired]
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
    const known = this.#inFile(target)
    if (known === undefined) return this.#computed.at(target, at)
    known.usedAt = at
    return known
  }

  // A block by its bare name, an address by what was written.
  #inFile({ host, secure }: ComputedTarget): Group | undefined {
    const name = host.toLowerCase()
    const written = groupName(name, secure)
    return this.configured.find(
      group => group.origin === 'file' && group.name.toLowerCase() === (group.config.named ? name : written),
    )
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
    this.#computed.forgetUnused(at)
  }

  // — for all of them together

  /** Asks a worker by a whole request: whether anything came back; null when none was free to be asked. */
  async asksWorker(): Promise<boolean | null> {
    for (const { fleet } of this.#apps) {
      const answer = await fleet.asksWorker()
      if (answer !== null) return answer
    }
    return null
  }

  /** The best that any group of the flags or the file can say. */
  get outlook(): Outlook {
    const all = this.#apps.map(({ fleet }) => OUTLOOKS.indexOf(fleet.outlook))
    return OUTLOOKS[Math.min(...all)]!
  }

  /** How long all of them have refused, in milliseconds; 0 while one does not. */
  downFor(): number {
    return Math.min(...this.#apps.map(({ fleet }) => fleet.downFor()))
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

/** Where names lead in those groups whose name servers are asked by this one, too. */
function namesIn(groups: readonly Group[], { resolver }: GroupConfig): Names {
  const alike = groups.filter(({ config }) => config.resolver.join() === resolver.join())
  return new Map(alike.flatMap(({ fleet }) => [...fleet.names]))
}
