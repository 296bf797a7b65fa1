// What files, and whatever stands between them and their client, are asked: parts, versions, codings, names and passwords,
// as odd as clients say them.

import type { TestRequest } from '../../requests.ts'
import type { Choice } from '../choice.ts'

const PATHS = [
  ...['about.html', 'static/css/app.css', 'static/numbers.txt', 'static/data.json', 'static/logo.png'],
  ...['', 'docs', 'docs/', 'docs/guide.html', 'none', 'none/', 'empty/', 'listing/', 'index.html'],
  ...['static/js/packed.js', 'static/js/packed.js.gz', 'static/no-extension', 'static/with%20space.txt'],
  ...[
    'about.html/',
    '.git/config',
    'static//data.json',
    'static/../about.html',
    'static%2fdata.json',
    '../x',
  ],
]

const RANGES = [
  ...[
    '0-9',
    '-5',
    '5-',
    '0-0',
    '0-',
    '-0',
    '0-99999999',
    '999999999-',
    '5-2',
    '0-1,3-4',
    '0-1, 3-4',
    '0-5,3-8',
  ],
  ...[
    '0-1,999999999-',
    '-1,0-0',
    ',0-1',
    ' 0-1',
    '0 -1',
    '0- 1',
    '0-1,',
    'a-b',
    '',
    '-',
    '--5',
    '0-1;',
    '+1-2',
  ],
  ...['18446744073709551616-', '9223372036854775807-', '0-9223372036854775807', '-9223372036854775808'],
  ...['0-,0-,0-', '0-1-2', '-99999999', '3-5,0-1', '-3,-2', '0-7', '8-', '1'],
]

/** The day of all files, those around it, and what is none. */
const DATES = [
  ...['Fri, 02 Jan 2026 03:04:05 GMT', 'Fri, 02 Jan 2026 03:04:04 GMT', 'Fri, 02 Jan 2026 03:04:06 GMT'],
  ...['Friday, 02-Jan-26 03:04:05 GMT', 'Fri Jan  2 03:04:05 2026', 'fri, 02 jan 2026 03:04:05 gmt'],
  ...[
    'Fri, 2 Jan 2026 03:04:05 GMT',
    'Fri, 02 Jan 2026 03:04:05',
    'Fri, 30 Feb 2026 03:04:05 GMT',
    '0',
    'never',
  ],
]

/** Of the files of 15, 8 and 1900 bytes. */
const TAGS = [
  '"695735a5-f"',
  '"695735a5-8"',
  '"695735a5-76c"',
  '"other"',
  '*',
  'W/"695735a5-f"',
  '',
  '695735a5-f',
]

const CODINGS = [
  ...[
    'gzip',
    'gzip',
    'gzip, deflate, br',
    'gzip;q=0',
    'gzip;q=0.0',
    'gzip;q=0.001',
    'gzip ; q=1',
    'gzip; q=0',
  ],
  ...[
    '*',
    'xgzip',
    'gzip;q=1.5',
    'gzip;q=',
    'GZIP',
    'gzipx, gzip',
    'gzip;q=0,gzip',
    'gzip;q=.5',
    ',gzip',
    '',
  ],
]

const PASSWORDS = [
  'ada:secret',
  'ada:secret',
  'grace:secret',
  'plain:secret',
  'ada:wrong',
  'nobody:x',
  ':',
  'ada',
]

export function asked(choice: Choice, places: readonly string[]): TestRequest {
  const field = (percent: number, name: string, value: () => string) =>
    choice.chance(percent) ? [`${name}: ${value()}`] : []
  const tags = () => choice.several(1, 2, () => choice.pick(TAGS)).join(', ')
  const fields = [
    ...field(
      30,
      'Range',
      () => `${choice.pick(['bytes', 'bytes', 'bytes', 'Bytes', 'lines'])}=${choice.pick(RANGES)}`,
    ),
    ...field(10, 'If-Range', () => choice.pick([...TAGS, ...DATES])),
    ...field(15, 'If-None-Match', tags),
    ...field(15, 'If-Modified-Since', () => choice.pick(DATES)),
    ...field(7, 'If-Match', tags),
    ...field(7, 'If-Unmodified-Since', () => choice.pick(DATES)),
    ...field(40, 'Accept-Encoding', () => choice.pick(CODINGS)),
    ...field(10, 'Via', () => '1.1 edge'),
    ...field(40, 'Authorization', () => `Basic ${btoa(choice.pick(PASSWORDS))}`),
  ]
  return {
    method: choice.pick(['GET', 'GET', 'GET', 'GET', 'HEAD', 'POST', 'OPTIONS']),
    target: `${choice.pick(places)}${choice.pick(PATHS)}${choice.pick(['', '', '', '?a=1', '?a=x'])}`,
    version: choice.chance(12) ? 'HTTP/1.0' : 'HTTP/1.1',
    port: null,
    fields,
    body: null,
    times: 1,
  }
}
