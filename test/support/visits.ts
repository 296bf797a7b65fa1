// Requests in a site that a test writes down as a file: the record that the rooms of a site are given, without a socket.

import type { TestContext } from 'node:test'
import type { LocationConfig } from '../../src/config/nginx/site.ts'
import { Exchange } from '../../src/exchange.ts'
import { HeaderList } from '../../src/http1/headers.ts'
import { Scripts } from '../../src/script/scripts.ts'
import { type AnswerHead, type ConnectionFacts, Visit } from '../../src/visit.ts'
import { siteOf } from '../config/nginx/reading.ts'

export interface Asked {
  readonly method?: string
  readonly target?: string
  readonly minor?: 0 | 1
  /** With `Host: example.com` where it is not among them. */
  readonly fields?: Readonly<Record<string, string>>
  readonly connection?: Partial<ConnectionFacts>
}

/**
 * A request to the file's first server, in its first location where it has one.
 * @param text what stands in `http`
 * @param errors what is said to the error log is added here
 */
export function visitOf(t: TestContext, text: string, asked: Asked = {}, errors: string[] = []): Visit {
  const config = siteOf(t, text)
  const server = config.servers[0]!
  const { method = 'GET', target = '/', minor = 1, fields = {} } = asked
  const headers = listOf(fields)
  if (!headers.has('host') && minor === 1) headers.add('Host', 'example.com')
  const host = headers.get('host') ?? ''
  const [uri = '', ...query] = target.split('?')
  const scripts = new Scripts(config)
  const visit = new Visit({
    site: {
      config,
      text: script => scripts.text(script),
      variable: name => scripts.variable(name),
      logs: { error: (_, message) => errors.push(message) },
    },
    exchange: new Exchange('192.0.2.1', 0),
    head: { method, target, path: target, minor, headers, host, bytes: 0 },
    connection: { ...CONNECTION, ...asked.connection },
    server,
    uri,
    args: query.join('?'),
  })
  const location: LocationConfig | undefined = server.locations[0]
  if (location !== undefined) {
    visit.location = location
    visit.settings = location.settings
  }
  return visit
}

const CONNECTION: ConnectionFacts = {
  peer: '192.0.2.1',
  peerPort: 40_000,
  localAddress: '192.0.2.80',
  localPort: 80,
  secure: false,
  number: 1,
  requests: 1,
  proxied: null,
  tls: () => '',
}

export function listOf(fields: Readonly<Record<string, string>>): HeaderList {
  const list = new HeaderList()
  for (const [name, value] of Object.entries(fields)) list.add(name, value)
  return list
}

/** The fields of a list, as they would be written. */
export function linesOf(list: HeaderList): string[] {
  return list.names.map((name, index) => `${name}: ${list.values[index]}`)
}

/** The head of an answer of text, of this many bytes. */
export function answerHead(
  fields: Readonly<Record<string, string>> = {},
  more: Partial<AnswerHead> = {},
): AnswerHead {
  return {
    status: 200,
    reason: '',
    headers: listOf(fields),
    length: 1000,
    lastModified: null,
    rangeable: false,
    passedOn: false,
    ...more,
  }
}
