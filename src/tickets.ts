// The memory of the keys that all planes seal TLS tickets with. The code of keys is loaded only where there may be TLS.

import type { Config } from './config/config.ts'

/** Null: there is no TLS, and none can come with a reload. */
export async function ticketsFor({
  site,
  tls,
}: Pick<Config, 'site' | 'tls'>): Promise<SharedArrayBuffer | null> {
  return site === null && tls === null ? null : (await import('./tls/ticket-keys.ts')).ticketMemory()
}
