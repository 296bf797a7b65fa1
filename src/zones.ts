// What a site's limits count in, for all planes. The code of limits is loaded only where there are any.

import type { ZoneMemories } from './access/limits.ts'
import type { SiteConfig } from './config/nginx/site.ts'

/** @param former of the file as it was read before: a zone that has not changed goes on counting */
export async function zonesOf(
  site: SiteConfig | null,
  former: { readonly zones: SiteConfig['zones']; readonly memories: ZoneMemories } | null = null,
): Promise<ZoneMemories> {
  if (site === null || site.zones.length === 0) return {}
  return (await import('./access/limits.ts')).zoneMemories(site.zones, former)
}
