import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { filmStart } from '../../src/files/film.ts'
import { without } from '../support/servers.ts'
import { factsOf, siteOf, visitOf } from '../support/visit.ts'
import { pairOf, same } from './rig.ts'

const skip = without('nginx')
const FILM = 'FLV of forty bytes, of which some are asked'

test('films are sent from where they are asked for on, as nginx does', { skip }, async t => {
  const pair = await pairOf(
    t,
    `location / { flv; gzip_static always; location /plain/ { alias FOLDER/html/; } }
     location /mp4/ { mp4; alias FOLDER/html/; }`,
  )
  for (const name of ['a.flv', 'a.flv.gz', 'a.html', 'index.html'])
    writeFileSync(`${pair.html}/${name}`, FILM)
  writeFileSync(`${pair.html}/empty.flv`, '')
  const starts = [
    ...['1', '13', '42', '43', '44', '0', '', '-1', '+1', '1x', '%31', '1.5', '0x5', '007', '1=2'],
    ...['9223372036854775807', '9223372036854775808', '99999999999999999999', '00000000000000000000002'],
  ]
  const queries = starts.map(start => `start=${start}`)
  queries.push(
    'START=5',
    'xstart=5',
    'a=1&start=5',
    'start=5&start=6',
    'start=x&start=6',
    'start',
    '&&start=2&',
  )
  for (const query of queries) await same(pair, `/a.flv?${query}`)
  await same(pair, '/mp4/a.flv')
  for (const name of ['/a.html', '/empty.flv', '/nope.flv', '/', '/plain/a.flv'])
    for (const method of ['GET', 'HEAD', 'POST']) await same(pair, `${name}?start=5`, { method })
  const { body, fields } = await same(pair, '/a.flv?start=5', {})
  assert.equal(body, `FLV\x01\x05\0\0\0\x09\0\0\0\0${FILM.slice(5)}`)
  for (const field of ['If-None-Match', 'If-Match', 'If-Range'])
    await same(pair, '/a.flv?start=5', { fields: { [field]: fields.etag!, Range: 'bytes=1-2' } })
})

test('ranges of such an answer are counted from its own beginning, as nginx counts them', {
  skip,
}, async t => {
  const pair = await pairOf(
    t,
    'location / { flv; } location /two/ { flv; max_ranges 0; alias FOLDER/html/; }',
  )
  writeFileSync(`${pair.html}/a.flv`, FILM)
  const ranges = [
    '0-',
    '0-0',
    '0-12',
    '5-20',
    '12-13',
    '13-',
    '20-22',
    '-5',
    '-500',
    '60-',
    '50-',
    '51-',
    '0-1,60-',
    'x',
  ]
  for (const range of ranges)
    for (const target of ['/a.flv?start=5', '/a.flv', '/two/a.flv?start=5'])
      await same(pair, target, { fields: { Range: `bytes=${range}` } })
})

test('only a byte of the file is a start', t => {
  const facts = factsOf(siteOf(t, 'events {} http { server { location / { flv; } location /b { mp4; } } }'))
  const start = (target: string) => filmStart(visitOf(facts, { target }), 100)
  const found = [
    '/?start=99',
    '/?start=100',
    '/?start=',
    '/',
    '/b?start=9',
    `/?start=${'0'.repeat(30)}7`,
  ].map(start)
  assert.deepEqual(found, [99, 0, 0, 0, 0, 7])
})
