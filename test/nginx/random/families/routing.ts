// Where a request comes to and what becomes of its URI: servers, locations, rewrites, `try_files`, pages of errors,
// files and apps, combined freely.

import type { Choice } from '../choice.ts'
import { block, type Directive, line, quoted } from '../directive.ts'
import type { Family } from '../family.ts'
import { inherited, rooted } from '../routing/inherited.ts'
import { type Count, locations, namedLocation } from '../routing/locations.ts'
import { rewriting } from '../routing/rewriting.ts'
import { targetsOf } from '../routing/targets.ts'
import { expression, MADE, path, text, variable } from '../routing/words.ts'

const PORTS = [80, 82]
const NAMED = ['@n1', '@n2']
const REQUESTS = 100

const NAMES = [
  ...[
    'app.example',
    'app.example',
    '*.app.example',
    '.app.example',
    'www.app.*',
    'www.*',
    '*.example',
    'other.example',
  ],
  ...['~^(?<n1>\\w+)\\.app\\.example$', '~^(www|b)\\.', '~example', '_', '127.0.0.1', 'localhost', '.test'],
]

const LOG = [
  ...[
    '$http_x_number',
    '$status',
    '$server_name',
    '$host',
    '$uri',
    '"$args"',
    '$request_uri',
    '$request_filename',
  ],
  ...['$document_root', '[$v1]', '[$n1]', '$upstream_addr', '$server_port', '$request_method', '$request'],
].join(' ')

export const family: Family = {
  draw(choice) {
    const count: Count = { locations: 0 }
    const directives = [
      line('log_format', 'l', `'${LOG}'`),
      line('access_log', '/var/log/nginx/access.log', 'l'),
      ...choice.several(2, 2, at => map(choice, `$m${at + 1}`)),
      ...(choice.chance(50) ? [rooted(choice)] : []),
      // What stands around the file has a default type already.
      ...inherited(choice, [], 8).filter(({ words }) => words[0] !== 'default_type'),
      ...(choice.chance(15) ? [line('merge_slashes', 'off')] : []),
      variables(),
      ...choice.several(1, 4, at => server(choice, at, count)),
    ]
    return { directives, requests: targetsOf(choice, pathsIn(directives), portsIn(directives), REQUESTS) }
  },

  /** Nginx sends what a URI of variables holds as it is: see the table of differences. */
  excuse(compared) {
    for (const each of compared.reached) {
      const [, method, target, version] = /^(\S+) (.*) (HTTP\/1\.\d)$/s.exec(each.line) ?? []
      if (target === undefined) continue
      each.line = `${method} ${target.replace(/[\0-\x20\x7f]/g, byte => percent(byte))} ${version}`
    }
  },

  // Args that a file has emptied are empty or none, as it happens; and whose a request without a host is says the table of
  // differences.
  excuseLog: lines => lines.replaceAll('""', '"-"').replace(/^- (4\d\d) .*/gm, '- $1'),
}

const percent = (byte: string) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`

/** A server that nobody asks: what others name is made somewhere. */
function variables(): Directive {
  const captures = block(['if', '($uri', '~', '"(?<n1>x)(?<n2>x)")'], [])
  const sets = [...MADE.filter(name => name.startsWith('$v')), '$backend'].map(name =>
    line('set', name, '127.0.0.1:8002'),
  )
  return block(['server'], [line('listen', '83'), captures, ...sets])
}

function server(choice: Choice, at: number, count: Count): Directive {
  const names = choice.several(1, 3, () => choice.pick(NAMES))
  const named = choice.some(NAMED, 60)
  return block(
    ['server'],
    [
      ...(at === 0 ? [80] : choice.pick([[80], [80], [82], PORTS])).map(port => line('listen', String(port))),
      ...(at > 0 || choice.chance(50) ? [line('server_name', ...new Set(names))] : []),
      ...(choice.chance(75) ? [rooted(choice)] : []),
      ...(choice.chance(15) ? [line('merge_slashes', choice.pick(['on', 'off']))] : []),
      ...inherited(choice, named, 10),
      line('set', '$backend', '127.0.0.1:8001'),
      ...choice.several(0, choice.pick([0, 1, 3]), () => rewriting(choice, () => [])).flat(),
      ...locations(choice, 8, named, count),
      ...named.map(name => namedLocation(choice, name, named, count)),
    ],
  )
}

function map(choice: Choice, name: string): Directive {
  const value = () => quoted(choice.pick([text(choice), path(choice), '0', '', '1', '$uri', '$n1']))
  const keys = choice.several(1, 3, () =>
    choice.pick([
      'a',
      '1',
      '/a',
      '/',
      'GET',
      'app.example',
      `"~${expression(choice).replaceAll('\\', '\\\\')}"`,
    ]),
  )
  return block(
    ['map', variable(choice).replace(/^\$m\d$/, '$uri'), name],
    [
      ...[...new Set(keys)].map(key => line(key, value())),
      ...(choice.chance(60) ? [line('default', value())] : []),
    ],
  )
}

/** What the file speaks of, as a target has it. */
function pathsIn(directives: readonly Directive[]): string[] {
  return directives
    .flatMap(({ words, block }) => [
      ...words.flatMap(word => /^"?(\/(?!srv|var)[\w./% -]*)/.exec(word)?.[1] ?? []),
      ...pathsIn(block ?? []),
    ])
    .map(found => found.replaceAll(' ', '%20'))
}

function portsIn(directives: readonly Directive[]): number[] {
  const text = JSON.stringify(directives)
  return PORTS.filter(port => text.includes(`["listen","${port}"]`))
}
