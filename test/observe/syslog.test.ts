import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { hostname } from 'node:os'
import { test } from 'node:test'
import { SyslogSender, syslogMessage } from '../../src/observe/syslog.ts'

const TO = {
  server: { host: '127.0.0.1', port: 514 },
  name: '',
  facility: 23,
  severity: 6,
  tag: 'nginx',
  hostname: true,
}

test('a message is of RFC 3164', () => {
  const at = new Date(2026, 10, 8, 9, 5, 7)
  assert.equal(
    syslogMessage(TO, 6, 'line', at),
    `<190>Nov  8 09:05:07 ${hostname().toLowerCase()} nginx: line`,
  )
  assert.equal(
    syslogMessage({ ...TO, facility: 3, tag: 'a', hostname: false }, 3, 'l', at),
    '<27>Nov  8 09:05:07 a: l',
  )
  assert.equal(syslogMessage(TO, 6, 'x'.repeat(9_000), at).length, 4_096)
})

test('each line is a datagram', async t => {
  const server = createSocket('udp4')
  t.after(() => server.close())
  server.bind(0, '127.0.0.1')
  await once(server, 'listening')
  const sender = new SyslogSender(message => assert.fail(message))
  t.after(() => sender.close())
  const received = once(server, 'message')
  sender.send({ ...TO, server: { host: '127.0.0.1', port: server.address().port } }, 4, 'a\xe9')
  const [message] = (await received) as [Buffer]
  assert.match(message.toString('latin1'), /^<188>.* nginx: a\xe9$/)
})
