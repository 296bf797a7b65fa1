import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serveEmptyGif } from '../../src/files/empty-gif.ts'
import { without } from '../support/servers.ts'
import { factsOf, siteOf, visitOf } from '../support/visit.ts'
import { pairOf, same } from './rig.ts'

test('the picture is nginx’s, to the byte', { skip: without('nginx') }, async t => {
  const pair = await pairOf(t, 'location /gif { empty_gif; location /gif/below { } }')
  for (const target of ['/gif', '/gif/', '/gifs', '/gif/below'])
    for (const method of ['GET', 'HEAD', 'POST']) await same(pair, target, { method })
})

test('it is a GIF of one pixel', t => {
  const facts = factsOf(siteOf(t, 'events {} http { server { } }'))
  const outcome = serveEmptyGif(visitOf(facts))
  assert.ok(outcome.kind === 'answer' && Buffer.isBuffer(outcome.answer.body))
  const { body } = outcome.answer
  assert.equal(body.toString('latin1', 0, 6), 'GIF89a')
  assert.deepEqual([body.readUInt16LE(6), body.readUInt16LE(8)], [1, 1])
})
