// Visits without a client: a site from a text, one request in it, and the location that nginx would choose, for tests
// of what rooms do with a visit.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { now } from '../../src/clock.ts'
import { readSite } from '../../src/config/nginx/read-site.ts'
import type { SiteConfig } from '../../src/config/nginx/site.ts'
import { Exchange } from '../../src/exchange.ts'
import { HeaderList } from '../../src/http1/headers.ts'
import type { RequestHead } from '../../src/http1/request-head.ts'
import { LocationTree } from '../../src/route/location-tree.ts'
import { noteCaptures } from '../../src/script/captures.ts'
import { Scripts } from '../../src/script/scripts.ts'
import { type ConnectionFacts, type SiteFacts, Visit } from '../../src/visit.ts'
import { type Owner, temporaryFolder } from './owner.ts'

/** Reads a configuration that is given as a text; its prefix is the folder that the text is written to. */
export function siteOf(owner: Owner, config: string, folder = temporaryFolder(owner)): SiteConfig {
  const path = join(folder, 'nginx.conf')
  writeFileSync(path, config, 'latin1')
  const { site, remarks } = readSite({ path, prefix: folder })
  if (site === null) throw new Error(remarks.map(({ message }) => message).join('\n'))
  return site
}

export interface Asked {
  readonly method?: string
  /** A target as a client sends it; only `%XX` is decoded here. */
  readonly target?: string
  /** Fields beside `Host`. */
  readonly fields?: Readonly<Record<string, string>>
  /** The same where a name comes more than once. */
  readonly lines?: readonly (readonly [name: string, value: string])[]
  readonly minor?: 0 | 1
  readonly connection?: Partial<ConnectionFacts>
}

/** The facts of a site that visits share. @param said gets what is written to the error log, as `level: message` */
export function factsOf(site: SiteConfig, said: string[] = []): SiteFacts {
  const scripts = new Scripts(site)
  const logs = { error: (level: string, message: string) => void said.push(`${level}: ${message}`) }
  return {
    config: site,
    text: script => scripts.text(script),
    variable: name => scripts.variable(name),
    logs,
  }
}

/** A visit of the site's first server, at the location of its URI, with that one's settings. */
export function visitOf(facts: SiteFacts, asked: Asked = {}): Visit {
  const { method = 'GET', target = '/', fields = {}, lines = [], minor = 1 } = asked
  const headers = new HeaderList()
  headers.add('Host', 'site.test')
  for (const [name, value] of [...Object.entries(fields), ...lines]) headers.add(name, value)
  const head: RequestHead = { method, target, minor, headers, host: 'site.test', path: target, bytes: 0 }
  const question = target.indexOf('?')
  const path = question === -1 ? target : target.slice(0, question)
  const exchange = new Exchange('127.0.0.1', now())
  Object.assign(exchange, { method, target, host: head.host, version: minor === 1 ? '1.1' : '1.0' })
  const visit = new Visit({
    site: facts,
    exchange,
    head,
    connection: { ...LOOPBACK, ...asked.connection },
    server: facts.config.servers[0]!,
    uri: path.replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    args: question === -1 ? '' : target.slice(question + 1),
  })
  locate(visit)
  return visit
}

const LOOPBACK: ConnectionFacts = {
  peer: '127.0.0.1',
  peerPort: 40_000,
  localAddress: '127.0.0.1',
  localPort: 80,
  secure: false,
  number: 1,
  requests: 1,
  proxied: null,
  handshakeServer: null,
  tls: () => '',
  refusal: () => null,
}

/** Puts the visit at the location of its URI, or of that name; at the server where there is none. */
export function locate(visit: Visit, name: string | null = null): void {
  const { locations, settings } = visit.server
  const tree = new LocationTree(locations)
  const found = name === null ? tree.find(visit.uri) : null
  if (found?.captures != null) noteCaptures(visit, found.captures)
  visit.location = found?.location ?? (name === null ? null : tree.named(name))
  visit.settings = visit.location?.settings ?? settings
}
