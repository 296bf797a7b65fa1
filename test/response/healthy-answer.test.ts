import assert from 'node:assert/strict'
import { test } from 'node:test'
import { healthyAnswer } from '../../src/response/healthy-answer.ts'

const base = { id: 'abc', method: 'GET', keepAlive: true, is10: false }

test('a GET has the body it announces, a HEAD only announces it', () => {
  const [head = '', body] = healthyAnswer(base).split('\r\n\r\n')
  assert.match(head, /^HTTP\/1\.1 200 OK\r\n/)
  assert.equal(Number(/Content-Length: (\d+)/.exec(head)?.[1]), body?.length)
  assert.match(healthyAnswer({ ...base, method: 'HEAD' }), /Content-Length: 3\r\n[\s\S]*\r\n\r\n$/)
})

test('whoever would take it otherwise is told what becomes of the connection', () => {
  const connection = (options: object) =>
    /Connection: (.*)\r/.exec(healthyAnswer({ ...base, ...options }))?.[1]
  assert.equal(connection({}), undefined)
  assert.equal(connection({ keepAlive: false }), 'close')
  assert.equal(connection({ is10: true }), 'keep-alive')
})
