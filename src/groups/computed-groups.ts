// Groups of upstreams behind addresses that requests work out (`proxy_pass` with variables). Each is made when it is first
// asked for, and forgotten when nobody has asked for it for a while.
//
// Invariants: bounded in number; one of which something is under way is never forgotten.

import type { GroupConfig } from '../config/nginx/group-config.ts'
import { groupName, groupOf, hasPort } from '../config/nginx/proxy-pass.ts'
import { readUpstreamAddress } from '../config/nginx/upstream-server.ts'
import { Failure } from '../errors.ts'
import type { ComputedTarget } from '../house.ts'
import { literalPlace } from '../upstream/names.ts'
import type { Group, Spoken } from './group.ts'

/** So many are kept at most, and each so long after its last use (milliseconds). */
const MOST = 256
const FORGOTTEN_AFTER_MS = 600_000

export interface ComputedGroupsOptions {
  /** Makes a group of what was worked out; its addresses are looked for at once. */
  open(config: GroupConfig, spoken: Spoken): Group
  /** The group is forgotten. */
  close(group: Group): void
}

export class ComputedGroups {
  readonly #options: ComputedGroupsOptions
  readonly #groups = new Map<string, Group>()

  constructor(options: ComputedGroupsOptions) {
    this.#options = options
  }

  get all(): Iterable<Group> {
    return this.#groups.values()
  }

  /**
   * The group behind an address. A failure tells why there is none, in nginx's words (502).
   * @param now milliseconds, on the monotonic clock
   */
  at(target: ComputedTarget, now: number): Group | Failure {
    const key = keyOf(target)
    let group: Group | Failure | undefined = this.#groups.get(key)
    // As with nginx, that a name was not known is not kept.
    if (group !== undefined) group.fleet.askAgain()
    else group = this.#make(target, key)
    if (!(group instanceof Failure)) group.usedAt = now
    return group
  }

  #make(target: ComputedTarget, key: string): Group | Failure {
    const { host, secure, family, resolver, shield } = target
    const address =
      family === 'http' || hasPort(host) ? readUpstreamAddress(host, secure ? 443 : 80) : 'no port'
    if (typeof address === 'string')
      return new Failure('upstream_unknown', `${address} in upstream "${host}"`)
    const plain = groupOf(host, secure, address, { file: '', line: 0 })
    const config = askedOf(shield === null ? plain : { ...plain, shield }, resolver)
    if (literalPlace(config.servers[0]!) === null && resolver.length === 0) {
      return new Failure('upstream_unknown', `no resolver defined to resolve ${host}`)
    }
    if (this.#groups.size >= MOST && !this.#makeRoom()) {
      return new Failure('upstream_unknown', `${MOST} upstreams that were worked out are in use already`)
    }
    const group = this.#options.open(config, target)
    this.#groups.set(key, group)
    return group
  }

  /** The one that was asked for longest ago makes room, if nothing of it is under way. */
  #makeRoom(): boolean {
    let oldest: [string, Group] | null = null
    for (const entry of this.#groups) {
      if (entry[1].isIdle && (oldest === null || entry[1].usedAt < oldest[1].usedAt)) oldest = entry
    }
    if (oldest !== null) this.#forget(...oldest)
    return oldest !== null
  }

  /** Now and then. @param now milliseconds, on the monotonic clock */
  forgetUnused(now: number): void {
    for (const [key, group] of this.#groups) {
      if (group.isIdle && now - group.usedAt >= FORGOTTEN_AFTER_MS) this.#forget(key, group)
    }
  }

  #forget(key: string, group: Group): void {
    this.#groups.delete(key)
    this.#options.close(group)
  }
}

/** What needs no name server. */
const ADDRESS = /^(?:[\d.]+(?::\d+)?$|\[|unix:)/i

// The same name, asked of others, may lead elsewhere; and a file that was read anew may say other things of its workers.
function keyOf({ host, secure, resolver, shield }: ComputedTarget): string {
  const name = groupName(host.toLowerCase(), secure)
  const asked = resolver.length === 0 || ADDRESS.test(host) ? name : `${name} ${resolver.join(' ')}`
  return shield === null ? asked : `${asked} ${JSON.stringify(shield)}`
}

function askedOf(config: GroupConfig, resolver: readonly string[]): GroupConfig {
  if (resolver.length === 0) return config
  return { ...config, resolver, servers: config.servers.map(server => ({ ...server, resolve: true })) }
}
