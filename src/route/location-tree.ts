// Which location of a server a URI comes to: the tree of prefixes, then regular expressions in their order, then
// predicates in theirs, and the same again within what was found (ngx_http_core_find_location). Pure; what a regular
// expression captured is handed back.

import type { Settings } from '../config/nginx/settings.ts'
import type { LocationConfig, Script } from '../config/nginx/site.ts'
import { saysYes } from '../script/predicates.ts'
import { compilePattern } from '../script/regex.ts'
import { type Prefix, PrefixTree } from './prefix-tree.ts'

export interface Found {
  readonly location: LocationConfig
  /** Of the regular expression that led here, with the named groups of those around it; null: none did. */
  readonly captures: RegExpExecArray | null
  /** It ends in a slash, passes on, and was asked for without the slash: nginx answers 301 with the location's path. */
  readonly slash: boolean
}

/** How a search in one level ended. */
type Ending = 'settled' | 'slash' | 'open'

interface Level {
  readonly prefixes: PrefixTree<Place>
  readonly patterns: readonly { readonly pattern: RegExp; readonly place: Place }[]
  readonly predicates: readonly { readonly condition: Script; readonly place: Place }[]
}

/** Works out predicates. */
export interface Values {
  text(script: Script): string
}

interface Place extends Prefix {
  readonly location: LocationConfig
  /** `^~`: no regular expressions of the level it stands in. */
  readonly first: boolean
  /** Null: nothing stands within it. */
  readonly within: Level | null
}

export class LocationTree {
  readonly #top: Level
  readonly #named = new Map<string, LocationConfig>()
  // The search under way; kept here so that it allocates nothing.
  #found: LocationConfig | null = null
  #captures: RegExpExecArray | null = null
  #values: Values | null = null

  /**
   * @param locations a server's own
   * @throws Error in words for people where a regular expression cannot be used
   */
  constructor(locations: readonly LocationConfig[]) {
    for (const location of locations) {
      // Of two with the same name the first has it.
      if (location.kind === 'named' && !this.#named.has(location.path))
        this.#named.set(location.path, location)
    }
    this.#top = levelOf(locations)
  }

  /** The location of that name, `@` included. */
  named(name: string): LocationConfig | null {
    return this.#named.get(name) ?? null
  }

  /**
   * Null: no location, what the server itself says holds.
   * @param uri decoded and normalised
   * @param values absent: no predicate holds
   */
  find(uri: string, values: Values | null = null): Found | null {
    this.#found = null
    this.#captures = null
    this.#values = values
    const slash = this.#search(this.#top, uri) === 'slash'
    const [location, captures] = [this.#found as LocationConfig | null, this.#captures]
    return location === null ? null : { location, captures, slash }
  }

  #search(level: Level, uri: string): Ending {
    const { place, ending } = level.prefixes.find(uri)
    if (place !== null) this.#found = place.location
    if (ending !== 'prefix') {
      if (place !== null) return ending === 'exact' ? 'settled' : 'slash'
    } else if (place!.within !== null) {
      const deeper = this.#search(place!.within, uri)
      if (deeper !== 'open') return deeper
    }
    // Whether regular expressions count is said by this level's prefix alone: a `^~` further in is too late for it.
    if (place?.first === true) return 'open'
    for (const { pattern, place: matched } of level.patterns) {
      const captures = pattern.exec(uri)
      if (captures === null) continue
      this.#found = matched.location
      this.#note(captures)
      // Within a regular expression's location nginx takes a missing slash for a match.
      if (matched.within !== null) this.#search(matched.within, uri)
      return 'settled'
    }
    for (const { condition, place: meant } of level.predicates) {
      const value = this.#values?.text(condition) ?? ''
      // A path is none: files from before nginx 1.31.5 that name one by a variable, such as Open edX's, have a location
      // there that no request comes to, and are not to get one in front of all others.
      if (!saysYes(value) || value.startsWith('/')) continue
      this.#found = meant.location
      return meant.within !== null && this.#search(meant.within, uri) === 'slash' ? 'slash' : 'settled'
    }
    return 'open'
  }

  #note(captures: RegExpExecArray): void {
    const outer = this.#captures?.groups
    if (outer !== undefined) captures.groups = { ...outer, ...captures.groups }
    this.#captures = captures
  }
}

// Those that pass requests on: but not to where a request says, where it is in these protocols (ngx_http_uwsgi_pass).
function takesSlash({ pass }: Settings): boolean {
  if (pass === null) return false
  return pass.kind === 'group' || pass.family === 'http' || pass.family === 'fastcgi'
}

function levelOf(locations: readonly LocationConfig[]): Level {
  const prefixes: Place[] = []
  const patterns: Level['patterns'][number][] = []
  const predicates: Level['predicates'][number][] = []
  for (const location of locations) {
    const { kind, path, caseless, condition } = location
    if (kind === 'named') continue
    const place: Place = {
      location,
      path,
      exact: kind === 'exact',
      slash: path.endsWith('/') && takesSlash(location.settings),
      first: kind === 'prefix first',
      within: location.locations.length === 0 ? null : levelOf(location.locations),
    }
    if (condition !== undefined) predicates.push({ condition, place })
    else if (kind === 'regex') patterns.push({ pattern: compilePattern(path, caseless), place })
    else prefixes.push(place)
  }
  return { prefixes: new PrefixTree(prefixes), patterns, predicates }
}
