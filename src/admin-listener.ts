// The admin listener as the house has it: what it shows and what may be ordered there are joined to the parts of the house.
// Where its address cannot be used, and nobody asked for it by name, the proxy serves without. Who may ask, and what the
// answers look like, is for `admin/` to say.

import { type AdminServer, startAdmin } from './admin/admin.ts'
import { formatAddress } from './config/addresses.ts'
import type { Config } from './config/config.ts'
import type { Groups } from './groups/groups.ts'
import type { Observer } from './observe/observer.ts'
import type { Pause } from './pause.ts'
import type { Plane } from './planes/plane.ts'

export interface AdminParts {
  readonly config: Pick<Config, 'admin' | 'adminAsked'>
  readonly observer: Observer
  /** The data plane, or all of them together. */
  readonly data: Pick<Plane, 'shown' | 'tick'>
  readonly groups: Pick<Groups, 'length'>
  readonly pause: Pause
  /** Set while the proxy stops: nobody is made to wait any more. */
  readonly draining: boolean
}

/**
 * Opens it. Rejects with an Error for people where its address was asked for and cannot be used.
 * @returns null: there is none, which the log says where one was meant to be
 */
export async function openAdmin(parts: AdminParts): Promise<AdminServer | null> {
  const { config, observer, data, groups, pause } = parts
  const { admin, adminAsked } = config
  if (admin === null) return null
  try {
    return await startAdmin(admin, data.shown(observer), {
      onError: error => observer.log.error({ err: error }, 'the admin listener failed to answer'),
      pause: (forMs, message) => {
        if (parts.draining) return false
        pause.begin(forMs, message)
        // The gates of other threads follow at once, and not with the next beat.
        data.tick()
        return true
      },
      resume: () => {
        const waiting = groups.length
        return pause.end('asked') ? waiting : null
      },
    })
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    if (adminAsked)
      throw new Error(`cannot listen on the admin address ${formatAddress(admin)}: ${why}`, { cause: error })
    observer.log.warn(
      `the admin listener is off: ${formatAddress(admin)} cannot be used (${why}); choose another with --admin`,
    )
    return null
  }
}
