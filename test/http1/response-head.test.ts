import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refused, response } from './messages.ts'

test('an answer’s head is read into its parts', () => {
  const text = 'HTTP/1.1 404 Not  Found\xe9 \r\nServer: x\r\nset-cookie: a\r\nSet-Cookie: b\r\n\r\n'
  const head = response(text)
  assert.equal(head.status, 404)
  assert.equal(head.reason, 'Not  Found\xe9 ')
  assert.equal(head.minor, 1)
  assert.equal(head.bytes, text.length)
  assert.deepEqual(head.headers.names, ['Server', 'set-cookie', 'Set-Cookie'])
  assert.deepEqual(head.headers.all('set-cookie'), ['a', 'b'])
})

const lines: [string, 0 | 1, number, string][] = [
  ['HTTP/1.1 200 OK', 1, 200, 'OK'],
  ['HTTP/1.0 200 OK', 0, 200, 'OK'],
  ['HTTP/1.2 200 OK', 1, 200, 'OK'],
  ['HTTP/1.1 200 ', 1, 200, ''],
  ['HTTP/1.1 200', 1, 200, ''],
  ['HTTP/1.1 100 ', 1, 100, ''],
  ['HTTP/1.1 599 x', 1, 599, 'x'],
  ['HTTP/1.1 200  two', 1, 200, ' two'],
]
for (const [line, minor, status, reason] of lines) {
  test(`status line: ${JSON.stringify(line)}`, () => {
    const head = response(`${line}\r\n\r\n`)
    assert.deepEqual([head.minor, head.status, head.reason, head.headers.length], [minor, status, reason, 0])
  })
}

const folds: [string, string][] = [
  ['A: b\r\n c', 'b c'],
  ['A: b \t\r\n \t c \r\n\td', 'b c d'],
  ['A:\r\n b', 'b'],
  ['A: b\r\n \r\n c', 'b c'],
  ['A: b\r\n ', 'b'],
]
for (const [text, value] of folds) {
  test(`an obsolete fold becomes a space: ${JSON.stringify(text)}`, () => {
    const { headers } = response(`HTTP/1.1 200 OK\r\n${text}\r\nZ: z\r\n\r\n`)
    assert.deepEqual(headers.names, ['A', 'Z'])
    assert.deepEqual(headers.values, [value, 'z'])
  })
}

const S = 'HTTP/1.1 200 OK\r\n'
const bad: [string, string][] = [
  ['another protocol', 'ICY 200 OK\r\n\r\n'],
  ['HTTP/2.0', 'HTTP/2.0 200 OK\r\n\r\n'],
  ['HTTP/0.9', 'HTTP/0.9 200 OK\r\n\r\n'],
  ['lower case', 'http/1.1 200 OK\r\n\r\n'],
  ['no minor version', 'HTTP/1 200 OK\r\n\r\n'],
  ['a letter as minor version', 'HTTP/1.x 200 OK\r\n\r\n'],
  ['two spaces', 'HTTP/1.1  200 OK\r\n\r\n'],
  ['two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
  ['four digits', 'HTTP/1.1 2000 OK\r\n\r\n'],
  ['letters', 'HTTP/1.1 2x0 OK\r\n\r\n'],
  ['status 099', 'HTTP/1.1 099 OK\r\n\r\n'],
  ['status 000', 'HTTP/1.1 000 OK\r\n\r\n'],
  ['status 600', 'HTTP/1.1 600 OK\r\n\r\n'],
  ['status 999', 'HTTP/1.1 999 OK\r\n\r\n'],
  ['a signed status', 'HTTP/1.1 -20 OK\r\n\r\n'],
  ['nothing after the version', 'HTTP/1.1\r\n\r\n'],
  ['a tab before the reason', 'HTTP/1.1 200\tOK\r\n\r\n'],
  ['a control character in the reason', 'HTTP/1.1 200 O\x1bK\r\n\r\n'],
  ['a bare LF after the status line', 'HTTP/1.1 200 OK\nA: b\r\n\r\n'],
  ['a bare CR in the reason', 'HTTP/1.1 200 O\rK\r\n\r\n'],
  ['a fold before the first field', `${S} A: b\r\n\r\n`],
  ['a bare LF in a fold', `${S}A: b\r\n c\nd\r\n\r\n`],
  ['NUL in a fold', `${S}A: b\r\n c\0\r\n\r\n`],
  ['a space before a colon', `${S}A : b\r\n\r\n`],
  ['a bare LF in a value', `${S}A: b\nC: d\r\n\r\n`],
  ['a bare CR in a value', `${S}A: b\rC: d\r\n\r\n`],
  ['NUL in a value', `${S}A: \0\r\n\r\n`],
  ['an empty name', `${S}: b\r\n\r\n`],
  ['a line without a colon', `${S}Traceback\r\n\r\n`],
  ['a name that is no token', `${S}A(b): c\r\n\r\n`],
]
for (const [name, text] of bad) test(`refused: ${name}`, () => refused(() => response(text), 'bad_request'))
