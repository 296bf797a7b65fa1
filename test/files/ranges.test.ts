import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { cutToRanges } from '../../src/files/files.ts'
import { HeaderList } from '../../src/http1/headers.ts'
import { without } from '../support/servers.ts'
import { factsOf, siteOf, visitOf } from '../support/visit.ts'
import { pairOf, same } from './rig.ts'

const skip = without('nginx')

const ASKED = [
  ...['0-0', '0-', '5-', '-5', '-500', '-0', '5-2', '0-0,2-2', '0-0, 2-2 ,4-5', '0-5,0-5,0-5,0-5,0-5'],
  ...[
    '100-',
    '100-200',
    '0-1,100-',
    '',
    'x',
    '1',
    ' 1 - 2 ',
    '- 5',
    '0-1,',
    ',0-1',
    '0-1,2-3',
    '0-1,2-3,4-5',
  ],
  ...['0-5,3-8', '1-1,x', '-1,-2', '--1', '0-1-2', '0-1;', '0 1-2', '22-', '21-', '-21,-21'],
  ...['9223372036854775807-', '9223372036854775808-', '0-9223372036854775806', '0-9223372036854775808'],
]

test('ranges are cut as nginx cuts them', { skip }, async t => {
  const pair = await pairOf(
    t,
    `location / { }
     location /two/ { max_ranges 2; alias FOLDER/html/; }
     location /none/ { max_ranges 0; alias FOLDER/html/; }`,
  )
  writeFileSync(`${pair.html}/a.html`, 'twenty-two bytes of it')
  writeFileSync(`${pair.html}/empty.html`, '')
  for (const target of ['/a.html', '/empty.html', '/two/a.html', '/none/a.html']) {
    for (const asked of ASKED) await same(pair, target, { fields: { Range: `bytes=${asked}` } })
  }
  for (const Range of ['BYTES=0-1', 'items=0-1', 'bytes']) await same(pair, '/a.html', { fields: { Range } })
  for (const asked of ['0-1', '0-1,3-4', '100-'])
    await same(pair, '/a.html', { method: 'HEAD', fields: { Range: `bytes=${asked}` } })
})

test('If-Range lets parts be sent only of what the client has', { skip }, async t => {
  const pair = await pairOf(t, 'location /no-etag/ { etag off; alias FOLDER/html/; }')
  writeFileSync(`${pair.html}/a.html`, 'some bytes')
  const { fields } = await same(pair, '/a.html')
  const etag = fields.etag!
  const conditions = [
    etag,
    `W/${etag}`,
    '"other"',
    fields['last-modified']!,
    'Sun, 06 Nov 1994 08:49:37 GMT',
    '"',
    '',
  ]
  for (const target of ['/a.html', '/no-etag/a.html'])
    for (const condition of conditions)
      await same(pair, target, { fields: { Range: 'bytes=0-1', 'If-Range': condition } })
})

test('parts that go over several pieces of a large file come whole', { skip }, async t => {
  const pair = await pairOf(t, '')
  const content = Buffer.alloc(700_000, 'the quick brown fox jumps over the lazy dog ')
  writeFileSync(`${pair.html}/large`, content)
  for (const asked of ['1-650000', '131071-131072', '131072-', '-300000', '0-200000,300000-600000'])
    await same(pair, '/large', { fields: { Range: `bytes=${asked}` } })
})

test('an answer from memory is cut as well; one that is made for another answer is not', async t => {
  const facts = factsOf(siteOf(t, 'events {} http { server { } }'))
  const visit = visitOf(facts, { fields: { Range: 'bytes=2-3,6-' } })
  const headOf = () => ({
    status: 200,
    reason: 'OK',
    headers: new HeaderList(),
    length: 8,
    lastModified: null,
    rangeable: true,
    passedOn: false,
  })
  const body = Buffer.from('01234567')
  const given = headOf()
  given.headers.add('Content-Range', 'bytes 0-7/8')
  const outcome = cutToRanges(visit, { head: given, body }, false)
  assert.ok(outcome.kind === 'answer')
  const { head } = outcome.answer
  const text = String(outcome.answer.body)
  assert.equal(head.status, 206)
  assert.equal(head.length, text.length)
  assert.equal(head.headers.get('content-range'), undefined, 'each part has its own')
  const boundary = /^multipart\/byteranges; boundary=(\d{20})$/.exec(head.headers.get('content-type')!)![1]
  assert.deepEqual(text.split(`\r\n--${boundary}`), [
    '',
    '\r\nContent-Range: bytes 2-3/8\r\n\r\n23',
    '\r\nContent-Range: bytes 6-7/8\r\n\r\n67',
    '--\r\n',
  ])
  const within = visitOf(facts, { fields: { Range: 'bytes=2-3' } })
  Object.assign(within, { parent: visit })
  const whole = cutToRanges(within, { head: headOf(), body }, false)
  assert.ok(whole.kind === 'answer' && whole.answer.head.status === 200 && whole.answer.body === body)
})
