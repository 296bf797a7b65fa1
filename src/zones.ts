// What a site's limits count in and keep TLS sessions in, for all planes. The code of either is loaded only where there is
// any.

import type { ZoneMemories } from './access/limits.ts'
import type { SiteConfig } from './config/nginx/site.ts'

/** @param former of the file as it was read before: a zone that has not changed goes on as it is */
export async function zonesOf(
  site: SiteConfig | null,
  former: { readonly zones: SiteConfig['zones']; readonly memories: ZoneMemories } | null = null,
): Promise<ZoneMemories> {
  if (site === null) return {}
  const limits =
    site.zones.length === 0 ? {} : (await import('./access/limits.ts')).zoneMemories(site.zones, former)
  return site.listens.some(({ ssl }) => ssl) ? { ...limits, ...(await sessionsOf(site, former)) } : limits
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
