// The stream behind the live page: what it says, to how many, and that it stops when nobody looks.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { Live } from '../../src/admin/live.ts'

async function start(t: TestContext) {
  const asked: number[] = []
  const live = new Live({
    status: () => ({ url: '/\n\nevent: forged', n: asked.push(1) }),
    history: () => [{ at: 1 }, { at: 2 }],
  })
  const server = createServer((_, response) => live.add(response))
  t.after(() => {
    live.close()
    server.closeAllConnections()
    server.close()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const look = async (): Promise<IncomingMessage> => {
    const [response] = await once(get({ host: '127.0.0.1', port, agent: false }), 'response')
    return response.setEncoding('utf8')
  }
  return { live, asked, look }
}

/** Events as a browser takes them apart. */
async function events(response: IncomingMessage, count: number): Promise<{ event: string; data: unknown }[]> {
  let text = ''
  for await (const piece of response) {
    text += piece
    const whole = text.split('\n\n').slice(0, -1)
    if (whole.length < count) continue
    return whole.map(block => {
      const [event = '', data = ''] = block.split('\n')
      return { event: event.slice('event: '.length), data: JSON.parse(data.slice('data: '.length)) }
    })
  }
  throw new Error(`the stream ended: ${text}`)
}

test('first the history, then the status and the last second, and nothing can forge an event', async t => {
  const { look } = await start(t)
  const [history, status] = await events(await look(), 2)
  assert.deepEqual(history, { event: 'history', data: [{ at: 1 }, { at: 2 }] })
  assert.deepEqual(status, {
    event: 'status',
    data: { status: { url: '/\n\nevent: forged', n: 1 }, sample: { at: 2 } },
  })
})

test('nobody is asked any more when the last looker has left', async t => {
  const { live, look } = await start(t)
  const response = await look()
  await events(response, 2)
  response.destroy()
  // What a looker takes up is given back with its connection: then as many fit as before.
  while (live.looking > 0) await new Promise(resolve => setImmediate(resolve))
  assert.equal(live.running, false)
})

test('only so many may look', async t => {
  const { live, look } = await start(t)
  const lookers = []
  while (!live.isFull) lookers.push(await look())
  assert.equal(lookers.length, 16)
})
