// Servers that a name server tells of a service (`service=`, RFC 2782): what the service is called there, and where its
// servers are, with how much each is given. Asks nobody itself.

import type { SrvRecord } from 'node:dns'
import { formatAddress } from '../config/addresses.ts'
import type { Terms } from './balance/standing.ts'
import { type Place, toldApart } from './names.ts'

/** What a record says of a server beside its address. */
export interface Told {
  /** The server's own name. */
  readonly server: string
  readonly weight: number
  /** Nobody comes before it. */
  readonly first: boolean
}

/** The name that is asked for: as nginx has it, a word without a dot is a service over TCP. */
export function serviceName(service: string, host: string): string {
  return service.includes('.') ? `${service}.${host}` : `_${service}._tcp.${host}`
}

/** A place at each address of each server, those that come first at the head. @param of addresses by the servers' names */
export function placesOfService(
  name: string,
  records: readonly SrvRecord[],
  of: ReadonlyMap<string, readonly string[]>,
): Place[] {
  const all = records.flatMap(record => (of.get(record.name) ?? []).map(host => ({ ...record, host })))
  all.sort((a, b) => a.priority - b.priority)
  const told = toldApart(
    all.map(({ host, port }) => `${name} (${formatAddress({ kind: 'tcp', host, port })})`),
  )
  return all.map(({ priority, weight, port, host, name: server }, at) => ({
    name: told[at]!,
    endpoint: { host, port },
    // Who has no weight is to be given little, but something.
    told: { server, weight: Math.max(1, weight), first: priority === all[0]!.priority },
  }))
}

/**
 * What holds for a server, of its line in the file and of its record: as nginx has it, those that do not come first are
 * backups, and a weight in the file is worth more. Null: the line is of backups already, which have none themselves.
 */
export function termsAt(terms: Terms, { weight, first }: Told): Terms | null {
  if (terms.backup && !first) return null
  return { ...terms, weight: terms.weight === 1 ? weight : terms.weight, backup: terms.backup || !first }
}
