import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProtocolError } from '../../src/http1/protocol-error.ts'
import { GatewayReader } from '../../src/upstream/gateway-reader.ts'
import { bytes, splits } from '../http1/messages.ts'

function read(pieces: Iterable<Buffer>, method = 'GET'): string {
  let body = ''
  const seen: string[] = []
  const reader = new GatewayReader(method, true, {
    onInterim: () => assert.fail('there are no interim answers'),
    onHead: (head, framing) => seen.push(`head ${head.status} ${framing.kind}`),
    data: chunk => (body += chunk.toString('latin1')),
    end: () => seen.push(`end ${JSON.stringify(body)}`),
  })
  for (const piece of pieces) if (piece.length > 0) reader.push(piece)
  seen.push(reader.finish() ? 'whole' : reader.begun ? 'broken' : 'nothing')
  return seen.join(', ')
}

const ANSWERS: Record<string, [message: string, seen: string, method?: string]> = {
  'up to the end of the connection': ['A: b\n\nbody', 'head 200 close, end "body", whole'],
  'up to its length': ['Content-Length: 4\n\nbody and more', 'head 200 length, end "body", whole'],
  'shorter than announced': ['Content-Length: 5\r\n\r\nbody', 'head 200 length, broken'],
  'a status line': ['HTTP/1.1 404 No\r\n\r\n', 'head 404 close, end "", whole'],
  'no body for HEAD': ['Content-Length: 4\r\n\r\nbody', 'head 200 none, end "", whole', 'HEAD'],
  'half a head': ['Content-Length: 4\r\n', 'nothing'],
  nothing: ['', 'nothing'],
}

for (const [name, [message, seen, method]] of Object.entries(ANSWERS)) {
  test(`${name}: the same wherever it is cut`, () => {
    for (const pieces of splits(bytes(message))) assert.equal(read(pieces, method), seen)
  })
}

test('a head has a limit', () => {
  assert.throws(
    () => read(Array.from({ length: 70 }, () => bytes(`X: ${'x'.repeat(1000)}\n`))),
    (error: unknown) => error instanceof ProtocolError && error.kind === 'head_too_large',
  )
})

test('what there is of a head that never became whole can be quoted, and outlives the memory it came in', () => {
  const reader = new GatewayReader('GET', true, { onInterim() {}, onHead() {}, data() {}, end() {} })
  const piece = bytes('Conte')
  reader.push(piece)
  piece.fill(0)
  assert.equal(String(reader.fragment), 'Conte')
})

test('a head that comes byte by byte is not copied with each of them', () => {
  const reader = new GatewayReader('GET', true, { onInterim() {}, onHead() {}, data() {}, end() {} })
  const places = new Map<ArrayBufferLike, Set<number>>()
  for (let i = 0; i < 4000; i++) {
    reader.push(bytes(i === 0 ? 'X' : i === 1 ? ':' : 'x'))
    const { buffer, byteOffset } = reader.fragment!
    places.set(buffer, (places.get(buffer) ?? new Set()).add(byteOffset))
  }
  const copies = [...places.values()].reduce((sum, { size }) => sum + size, 0)
  assert.ok(copies < 20, `${copies} copies`)
  assert.equal(String(reader.fragment), `X:${'x'.repeat(3998)}`)
})
