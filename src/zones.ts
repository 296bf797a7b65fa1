// What a site's limits count in, what is known of its caches, and what it keeps TLS sessions in, for all planes. The code of
// each is loaded only where there is any.

import type { ZoneMemories } from './access/limits.ts'
import type { SiteConfig } from './config/nginx/site.ts'

/** Those of the file as it was read before, and what they are in. */
export interface FormerZones extends Pick<SiteConfig, 'zones' | 'caches'> {
  readonly memories: ZoneMemories
}

/** @param former of the file as it was read before: a zone that has not changed goes on as it is */
export async function zonesOf(
  site: SiteConfig | null,
  former: FormerZones | null = null,
): Promise<ZoneMemories> {
  if (site === null) return {}
  const { zones, caches, listens } = site
  const limits = zones.length === 0 ? {} : (await import('./access/limits.ts')).zoneMemories(zones, former)
  const kept = caches.length === 0 ? {} : (await import('./cache/caches.ts')).cacheMemories(caches, former)
  const sessions = listens.some(({ ssl }) => ssl) ? await sessionsOf(site, former) : {}
  return { ...limits, ...kept, ...sessions }
}

async function sessionsOf(
  site: SiteConfig,
  former: { readonly memories: ZoneMemories } | null,
): Promise<ZoneMemories> {
  const [{ cachesOf }, { sessionZones }] = await Promise.all([
    import('./listen/site-terms.ts'),
    import('./listen/tls-sessions.ts'),
  ])
  return sessionZones(cachesOf(site), former?.memories ?? {})
}
