// The first lines of the log, once the proxy listens: where it does, whom it passes on to, and which of its settings can be
// read and still hurt. Writes them, and decides nothing.

import { formatAddress } from './config/addresses.ts'
import type { Address, Config } from './config/config.ts'
import { judge } from './config/judgement.ts'
import type { Listener } from './listen/listener.ts'
import type { Observer } from './observe/observer.ts'

export interface Announced {
  readonly config: Config
  readonly observer: Observer
  /** Where the admin listener is; null: there is none. */
  readonly admin: Address | null
}

/** A line for each of these listeners, and one for each finding. */
export function announce(
  { config, observer, admin }: Announced,
  listeners: readonly Pick<Listener, 'address' | 'secure'>[],
): void {
  const upstreams = config.upstreams.map(({ name }) => name)
  const at = admin === null ? {} : { admin: formatAddress(admin) }
  // In a site each group of upstreams has its own.
  const slots = config.site === null ? { slots: config.workers, slots_from: config.workersFrom } : {}
  for (const { address, secure: tls } of listeners)
    observer.log.info({ address: formatAddress(address), tls, upstreams, ...slots, ...at }, 'listening')
  for (const { finding, ...why } of judge(config)) observer.log.warn(why, finding)
}
