// Which of the servers at one address a request is for, by the host it asks. The order is nginx's: an exact name, the
// longest wildcard at the front, the longest at the end, the first regular expression, the default. Pure; what a
// regular expression captured is handed back.

import { countGroups } from '../config/nginx/pattern-groups.ts'
import type { ListenConfig, ServerConfig, SiteConfig } from '../config/nginx/site.ts'
import { compilePattern } from '../script/regex.ts'

export interface FoundServer {
  readonly server: ServerConfig
  /** Of the regular expression that chose it; null: something else did. */
  readonly captures: RegExpExecArray | null
}

export class ServerNames {
  readonly #default: FoundServer
  /** Whole names that a word was about, also one that has said nothing then. */
  readonly #taken = new Set<string>()
  readonly #exact = new Map<string, FoundServer>()
  /** By what follows `*.`; by what stands before `.*`. */
  readonly #leading = new Map<string, FoundServer>()
  readonly #trailing = new Map<string, FoundServer>()
  readonly #patterns: { readonly pattern: RegExp; readonly server: ServerConfig }[] = []
  /** Most requests ask for the host before. */
  #lastHost: string | null = null
  #last: FoundServer
  readonly #tellsApart: boolean

  /**
   * @param servers those at one address, in the file's order
   * @throws Error in words for people where a regular expression cannot be used
   */
  constructor(servers: readonly ServerConfig[], byDefault: ServerConfig = servers[0]!) {
    this.#default = { server: byDefault, captures: null }
    this.#last = this.#default
    for (const server of servers) this.#add(server)
    this.#tellsApart = servers.length > 1 || servers[0]!.names.some(capturesAny)
  }

  #add(server: ServerConfig): void {
    const found: FoundServer = { server, captures: null }
    for (const { kind, name } of server.names) {
      if (kind === 'regex') {
        // Hosts come in lower case, so a capital letter in it can only mean that case does not matter
        // (ngx_http_core_server_name).
        this.#patterns.push({ pattern: compilePattern(name, /[A-Z]/.test(name)), server })
        continue
      }
      const whole = kind === 'exact' || kind === 'suffix'
      if (whole && this.#taken.has(name)) continue
      if (whole) this.#taken.add(name)
      const names =
        kind === 'exact' ? this.#exact : kind === 'trailing wildcard' ? this.#trailing : this.#leading
      // Of two servers with the same name the first has it, and a suffix is had as a whole (ngx_hash_add_key).
      if (names.has(name)) continue
      names.set(name, found)
      if (kind === 'suffix') this.#exact.set(name, found)
    }
  }

  /** Whose a request is before a host is known. */
  get default(): ServerConfig {
    return this.#default.server
  }

  /** @param host in lower case, without port and trailing dot; empty: none was named */
  find(host: string): FoundServer {
    if (host === this.#lastHost) return this.#last
    const found = this.#exact.get(host) ?? this.#wildcard(host)
    if (found === undefined && host !== '') {
      for (const { pattern, server } of this.#patterns) {
        const captures = pattern.exec(host)
        if (captures !== null) return { server, captures }
      }
    }
    this.#lastHost = host
    return (this.#last = found ?? this.#default)
  }

  /**
   * Whether a server is found by this name, and not for want of one. Where there is one server alone its names are not
   * looked at, as nginx does not, unless an expression captures what texts ask for (ngx_http_optimize_servers).
   */
  has(host: string): boolean {
    if (host === '' || !this.#tellsApart) return false
    return this.find(host) !== this.#default
  }

  #wildcard(host: string): FoundServer | undefined {
    if (this.#leading.size > 0) {
      for (let dot = host.indexOf('.'); dot !== -1; dot = host.indexOf('.', dot + 1)) {
        // Something must stand for the asterisk.
        const found = dot === 0 ? undefined : this.#leading.get(host.slice(dot + 1))
        if (found !== undefined) return found
      }
    }
    if (this.#trailing.size > 0) {
      for (let dot = host.lastIndexOf('.'); dot > 0; dot = host.lastIndexOf('.', dot - 1)) {
        const found = this.#trailing.get(host.slice(0, dot))
        if (found !== undefined) return found
      }
    }
    return undefined
  }
}

function capturesAny({ kind, name }: ServerConfig['names'][number]): boolean {
  return kind === 'regex' && countGroups(name) > 0
}

/** The names of the servers that listen there. */
export function namesAt(
  { servers }: Pick<SiteConfig, 'servers'>,
  listen: Pick<ListenConfig, 'servers'>,
): ServerNames {
  const inOrder = listen.servers.toSorted((one, other) => one - other).map(at => servers[at]!)
  return new ServerNames(inOrder, servers[listen.servers[0]!])
}
