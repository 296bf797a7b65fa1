import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../src/errors.ts'
import { colours, combinedLine, noColours, prettyLine } from '../../src/observe/formats.ts'
import { finished } from './exchanges.ts'

test('pretty: status, method, path, time and the largest phases', () => {
  const line = prettyLine(
    finished({ timers: { receive: 0.2, queue: 7, wait: 50 } }),
    'ok',
    '/reports/7',
    noColours,
  )
  assert.match(
    line,
    /^\d\d:\d\d:\d\d\.\d{3} {2}200 {2}GET {6}\/reports\/7 {30} {6,}60\.0 ms {2}wait 50 {2}queue 7\n$/,
  )
})

test('pretty: columns stand in the same place whatever the method and status', () => {
  const column = (line: string) => line.indexOf(' ms')
  const a = prettyLine(finished(), 'ok', '/a', noColours)
  const failure = new Failure('client_left', 'it left')
  const b = prettyLine(
    finished({ method: 'OPTIONS', status: 0, failure }),
    'client:waiting',
    '/abc',
    noColours,
  )
  assert.equal(column(a), column(b))
  assert.match(b, /client:waiting: it left\n$/)
})

test('pretty: colours tell the class of the status, and nothing from outside reaches the terminal raw', () => {
  const line = (status: number) =>
    prettyLine(finished({ status, method: 'A\x1b[0m' }), 'ok', '/\x1b[31m\n', colours)
  assert.match(line(200), /\x1b\[32m200\x1b\[0m/)
  assert.match(line(404), /\x1b\[33m404\x1b\[0m/)
  assert.match(line(502), /\x1b\[31m502\x1b\[0m/)
  assert.match(line(200), /A\\x1b\[0m +\/\\x1b\[31m\\x0a/)
  assert.equal(line(200).indexOf('\n'), line(200).length - 1)
  assert.doesNotMatch(prettyLine(finished(), 'ok', '/', noColours), /\x1b/)
})

test('combined: as Apache writes it', () => {
  const x = finished({ userAgent: 'curl/8 "x"', referer: 'https://a.example/b?token=secret' })
  const stamp = String.raw`\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000\]`
  assert.match(
    combinedLine(x, '/reports/7', false),
    new RegExp(
      String.raw`^203\.0\.113\.7 - - ${stamp} "GET /reports/7 HTTP/1\.1" 200 4567 "https://a\.example/b" "curl/8 \\x22x\\x22"\n$`,
    ),
  )
  assert.match(combinedLine(x, '/', true), /b\?token=secret/)
})

test('combined: a request that was no request, and a client that got no answer', () => {
  const line = combinedLine(finished({ method: '', version: '', status: 0, bytesOut: 0 }), '', false)
  assert.match(line, /"-" 499 0 "-" "-"\n$/)
})
