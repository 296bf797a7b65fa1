import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { test } from 'node:test'
import { afterwards, soon, whenSettled } from '../src/afterwards.ts'

test('is done after what this look at the sockets found, or what the next one finds, in order, and once', async t => {
  const server = net.createServer()
  t.after(() => void server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = net.connect((server.address() as net.AddressInfo).port)
  t.after(() => void client.destroy())
  const [socket] = (await once(server, 'connection')) as [net.Socket]
  t.after(() => void socket.destroy())
  const seen: string[] = []
  socket.on('data', bytes => void seen.push(`read ${bytes}`))
  client.on('error', () => {})
  client.write('1')
  await once(socket, 'data')
  // On the same machine it is there when the write has returned.
  client.write('2')
  await new Promise<void>(resolve => {
    afterwards(() => {
      seen.push('first')
      afterwards(resolve)
    })
    afterwards(() => void seen.push('second'))
    soon(() => void seen.push('at once'))
    seen.push('written')
  })
  assert.deepEqual(seen, ['read 1', 'written', 'at once', 'read 2', 'first', 'second'])
})

test('what is to find all of this look done is done behind it, or at once', async () => {
  const seen: string[] = []
  whenSettled(() => void seen.push('nothing waits'))
  soon(() => void seen.push('put off'))
  whenSettled(() => void seen.push('settled'))
  assert.deepEqual(seen, ['nothing waits'])
  await new Promise<void>(soon)
  assert.deepEqual(seen, ['nothing waits', 'put off', 'settled'])
})
