// A walk through a finished site: the settings of all its places. Decides nothing.

import type { Settings } from './settings.ts'
import type { LocationConfig, RewriteOp, ServerConfig } from './site.ts'

/** The settings of every place of the servers: their own, of their locations, of every `if`. */
export function* everySetting(servers: readonly ServerConfig[]): Iterable<Settings> {
  for (const { settings, rewrites, locations } of servers) {
    yield settings
    yield* ofRewrites(rewrites)
    yield* ofLocations(locations)
  }
}

function* ofLocations(locations: readonly LocationConfig[]): Iterable<Settings> {
  for (const { settings, rewrites, locations: within, except } of locations) {
    yield settings
    if (except !== null) yield except.settings
    yield* ofRewrites(rewrites)
    yield* ofLocations(within)
  }
}

function* ofRewrites(rewrites: readonly RewriteOp[]): Iterable<Settings> {
  for (const each of rewrites) {
    if (each.op !== 'if') continue
    yield each.settings
    yield* ofRewrites(each.rewrites)
  }
}
