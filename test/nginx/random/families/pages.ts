// Pages with commands, the parts that they include, and what is done to both on their way out: charsets, texts replaced.
// A page comes with its request; parts stand in the file, as nginx asks apps for several at once, and set nothing that
// others see.

import type { TestRequest } from '../../requests.ts'
import type { Choice } from '../choice.ts'
import { block, type Directive, line } from '../directive.ts'
import type { Family } from '../family.ts'

const REQUESTS = 100
const PARTS = 5

/** By name, the arguments that it may have. */
const SAID: Readonly<Record<string, readonly string[]>> = {
  ssi: ['on', 'on', 'off'],
  ssi_types: ['*', 'text/plain', 'text/css'],
  ssi_silent_errors: ['on', 'off'],
  ssi_last_modified: ['on', 'off'],
  ssi_value_length: ['6', '20', '256'],
  charset: ['one', 'two', 'utf-8', 'off'],
  source_charset: ['one', 'two', 'utf-8'],
  charset_types: ['*', 'text/plain'],
  override_charset: ['on', 'off'],
  sub_filter: ["'abc' 'cab'", "'part' '$uri'", "'c' ''", "'-->' '==>'", "'<!--#' '<!--#'", "'part' '$args'"],
  sub_filter_once: ['on', 'off'],
  sub_filter_types: ['*', 'text/plain'],
  gzip: ['on', 'off'],
  gzip_types: ['*'],
  gzip_min_length: ['0'],
  default_type: ['text/html', 'text/plain', "''", "'text/html; charset=two'"],
  add_header: ['X-A 1', 'Last-Modified x', 'Content-Type text/plain'],
  expires: ['1h', '-1'],
}

const TYPES = [
  'text/html',
  'text/plain',
  'text/html; charset=one',
  'text/html;charset="two"',
  'a/b; charset=utf-8',
]

export const family: Family = {
  draw(choice) {
    const places = choice.several(3, 5, at => `/l${at}`)
    const directives = [
      block(['charset_map', 'one', 'two'], [line('61', '62'), line('63', '64')]),
      block(['charset_map', 'one', 'utf-8'], [line('61', 'D0B0'), line('62', 'E282AC')]),
      block(['charset_map', 'two', 'utf-8'], [line('61', 'D0B1'), line('63', 'D0B2')]),
      ...said(choice, 3, ['default_type']),
      block(
        ['server'],
        [
          line('listen', '80'),
          line('root', '/srv/app'),
          ...said(choice, 3),
          ...places.map(path => place(choice, path)),
          ...Array.from({ length: PARTS }, (_, at) => part(choice, at + 1)),
          block(['location', '/empty'], [line('return', '200', "''")]),
          block(['location', '/files/'], [line('alias', '/srv/app/'), ...said(choice, 3)]),
          block(['location', '/error'], [line('return', choice.pick(['403', '500']))]),
        ],
      ),
    ]
    return { directives, requests: choice.several(REQUESTS, REQUESTS, () => asked(choice, places)) }
  },
}

function place(choice: Choice, path: string): Directive {
  const content = choice.pick([
    ['return', '200', '$http_page'],
    ['return', '200', '$http_page'],
    ['proxy_pass', 'http://127.0.0.1:8000'],
  ])
  return block(['location', path], [line('ssi', 'on'), line(...content), ...said(choice, 5, ['ssi'])])
}

// Those of a higher number only, so that none leads back to itself.
function part(choice: Choice, at: number): Directive {
  const include = () => {
    const to = choice.between(at + 1, PARTS + 1)
    return `<!--#include virtual="/${to > PARTS ? choice.pick(['empty', 'error', 'files/about.html']) : `p${to}`}" -->`
  }
  const text = choice.several(0, 3, () =>
    choice.pick([
      () => 'part abc',
      () => '<!--#echo var="uri" -->',
      () => '<!--#echo var="arg_a" -->',
      include,
    ])(),
  )
  return block(['location', `/p${at}`], [line('return', '200', `'${text.join(' ')}'`), ...said(choice, 4)])
}

/** Up to so many, each name once. */
function said(choice: Choice, most: number, without: readonly string[] = []): Directive[] {
  const known = Object.keys(SAID).filter(name => !without.includes(name))
  const names = choice.several(0, most, () => choice.pick(known))
  return [...new Set(names)].map(name => line(name, ...choice.pick(SAID[name]!).split(/ (?!charset)/)))
}

// — what is asked

function asked(choice: Choice, places: readonly string[]): TestRequest {
  // Of what may yet become a command nginx loses what ends the page.
  const page = `${choice.several(1, 6, () => piece(choice, 2)).join(choice.pick(['', ' ', '|']))}.`
  const fields = [
    `Page: ${page}`,
    `App-Body: ${page}`,
    ...(choice.chance(30) ? [`App-Field: Content-Type: ${choice.pick(TYPES)}`] : []),
    ...(choice.chance(20) ? ['Accept-Encoding: gzip'] : []),
    ...(choice.chance(10) ? ['Range: bytes=0-3'] : []),
  ]
  return {
    method: choice.pick(['GET', 'GET', 'GET', 'GET', 'GET', 'HEAD']),
    target: `${choice.pick(places)}${choice.pick(['', '/x', '?a=1', '?a=b&c=abc', '?a=%20'])}`,
    version: choice.chance(15) ? 'HTTP/1.0' : 'HTTP/1.1',
    port: null,
    fields,
    body: null,
    times: 1,
  }
}

const TEXTS = ['abc', 'x', 'a part', '<', '<!-', '<!--', '-->', '<!-- no command -->', 'é', '']

const VALUES = [
  'abc',
  '',
  '$arg_a',
  'x$arg_a',
  ['$', '{arg_c}z'].join(''),
  '\\$x',
  'a"b',
  '$',
  '$set',
  'a long value of more than six',
]

const VARIABLES = [
  'arg_a',
  'set',
  'uri',
  'nothing',
  'args',
  'one',
  '1',
  'ARG_A',
  'request_method',
  'document_uri',
]

const URIS = [
  ...Array.from({ length: PARTS }, (_, at) => `/p${at + 1}`),
  ...[
    '/p1?a=2',
    '/p%31',
    '/p2#x',
    '/empty',
    '/error',
    '/none',
    '/files/about.html',
    'p1',
    '/../p1',
    '',
    '/p3?',
    '//p4',
  ],
]

const ODD = [
  ...[
    '<!--#foo -->',
    '<!--#echo -->',
    '<!--#echo var= -->',
    '<!--#echo var="uri" var="uri" -->',
    '<!--# -->',
    '<!--#-->',
  ],
  ...[
    '<!--#echo var="uri"-->',
    "<!--#echo var='uri' -->",
    '<!--#echo var="uri" x -->',
    '<!--#echo var="uri',
    '<!--#echo var=uri -->',
  ],
  ...[
    '<!--#include -->',
    '<!--#include virtual="/p1" file="/p2" -->',
    '<!--#endif -->',
    '<!--#else -->',
    '<!--#endblock -->',
  ],
  ...[
    '<!--#ECHO var="uri" -->',
    '<!--#echo  var = "uri"  -->',
    '<!--#set var="a" -->',
    '<!--#config errmsg="[E]" -->',
    '<!--#config -->',
  ],
]

function piece(choice: Choice, depth: number): string {
  const within = () => choice.several(0, 2, () => piece(choice, depth - 1)).join('')
  const deep = depth > 0 && choice.chance(25)
  if (deep)
    return choice.chance(70) ? condition(choice, within) : `<!--#block name="b" -->instead<!--#endblock -->`
  return choice.pick([
    () => choice.pick(TEXTS),
    () => choice.pick(TEXTS),
    () => choice.pick(ODD),
    () =>
      `<!--#echo var="${choice.pick(VARIABLES)}"${choice.pick(['', '', ' default="d"', ' encoding="url"', ' encoding="none"', ' encoding="odd"'])} -->`,
    () => `<!--#set var="${choice.pick(['set', 'SET', 'other'])}" value="${choice.pick(VALUES)}" -->`,
    () =>
      `<!--#include ${choice.pick(['virtual', 'virtual', 'file'])}="${choice.pick(URIS)}"${choice.pick(['', '', ' wait="yes"', ' stub="b"', ' wait="odd"'])} -->`,
  ])()
}

function condition(choice: Choice, within: () => string): string {
  const expression = () => {
    const left = choice.pick(['$arg_a', '$set', '$nothing', 'abc', '', '"$arg_a"'])
    return choice.pick([
      left,
      `${left} = ${choice.pick(['1', 'b', '', '$arg_a', 'abc'])}`,
      `${left}!=${choice.pick(['1', 'b', '$set'])}`,
      `${left} = /${choice.pick(['^b', '(.)', '(?P<one>[a-c])', '', '['])}/`,
      `${left} != /b/`,
    ])
  }
  const other = choice.pick([
    '',
    `<!--#else -->${within()}`,
    `<!--#elif expr="${expression()}" -->${within()}<!--#else -->none`,
  ])
  return `<!--#if expr="${expression()}" -->${within()}${other}<!--#endif -->`
}
