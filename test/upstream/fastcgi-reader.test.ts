import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProtocolError } from '../../src/http1/protocol-error.ts'
import { FastcgiReader } from '../../src/upstream/fastcgi-reader.ts'
import { GatewayReader } from '../../src/upstream/gateway-reader.ts'
import { bytes, splits } from '../http1/messages.ts'
import { answerOf, END, record, STDERR, STDOUT } from '../support/fastcgi.ts'

interface Options {
  readonly method?: string
  readonly caught?: readonly string[]
}

function read(pieces: Iterable<Buffer>, { method = 'GET', caught = [] }: Options = {}): string {
  let body = ''
  const seen: string[] = []
  const parts = {
    onInterim: () => assert.fail('there are no interim answers'),
    onHead: (head: { status: number }, framing: { kind: string }) =>
      void seen.push(`head ${head.status} ${framing.kind}`),
    data: (chunk: Buffer) => void (body += chunk.toString('latin1')),
    end: () => void seen.push(`end ${JSON.stringify(body)}`),
  }
  const told = (text: string, begun: boolean) => void seen.push(`told ${JSON.stringify(text)} ${begun}`)
  const reader = new FastcgiReader(new GatewayReader(method, false, parts), { told, caught })
  for (const piece of pieces) if (piece.length > 0 && !reader.done) reader.push(piece)
  seen.push(reader.finish() ? 'whole' : reader.begun ? 'broken' : 'nothing')
  return seen.join(', ')
}

const ENDED = record(STDOUT, '') + record(END, '\0'.repeat(8))

const ANSWERS: Record<string, [message: string, seen: string, options?: Options]> = {
  'an answer': [answerOf('Status: 201 Made\r\n\r\nbody'), 'head 201 close, end "body", whole'],
  'a head over several records': [
    record(STDOUT, 'Sta', 5) +
      record(STDOUT, 'tus: 404\r') +
      record(STDOUT, '\n\r\nbo') +
      record(STDOUT, 'dy') +
      ENDED,
    'head 404 close, end "body", whole',
  ],
  'an end without the end of the output': [
    record(STDOUT, 'A: b\n\nbody') + record(END, '\0'.repeat(8)),
    'head 200 close, end "body", whole',
  ],
  'a length': [
    record(STDOUT, 'Content-Length: 4\n\nbody and more') + ENDED,
    'head 200 length, end "body", whole',
  ],
  'cut off, without a length': [record(STDOUT, 'A: b\n\nbody'), 'head 200 close, broken'],
  'cut off, with a length': [record(STDOUT, 'Content-Length: 9\n\nbody'), 'head 200 length, broken'],
  HEAD: [answerOf('Content-Length: 4\n\nbody'), 'head 200 none, end "", whole', { method: 'HEAD' }],
  'an error stream before and after the head': [
    record(STDERR, 'PHP Warning: x.\r\n') + record(STDOUT, 'A: b\n\nb') + record(STDERR, 'more') + ENDED,
    'told "PHP Warning: x" false, head 200 close, told "more" true, end "b", whole',
  ],
  'what would be caught comes too late': [
    record(STDOUT, 'A: b\n\nb') + record(STDERR, 'PHP Fatal') + ENDED,
    'head 200 close, told "PHP Fatal" true, end "b", whole',
    { caught: ['Fatal'] },
  ],
  nothing: ['', 'nothing'],
}

for (const [name, [message, seen, options]] of Object.entries(ANSWERS)) {
  test(`${name}: the same wherever it is cut`, () => {
    for (const pieces of splits(bytes(message))) assert.equal(read(pieces, options), seen)
  })
}

const NONE: Record<string, [message: string, why: RegExp, options?: Options]> = {
  'an end without an answer': [record(END, '\0'.repeat(8)), /^upstream sent unexpected FastCGI record: 3$/],
  'an output of nothing': [record(STDOUT, ''), /^upstream prematurely closed FastCGI stdout$/],
  'an overloaded app': [
    record(END, '\0\0\0\0\x02\0\0\0'),
    /^upstream ended the FastCGI request: it is overloaded$/,
  ],
  'a body shorter than announced': [
    answerOf('Content-Length: 9\n\nbody'),
    /prematurely closed FastCGI stdout before the length/,
  ],
  'a status that is none': [answerOf('Status: x\n\n'), /invalid status/],
  'what is to be caught': [
    record(STDERR, 'PHP Fatal error: \x1b') + answerOf('A: b\n\n'),
    /fastcgi_catch_stderr/,
    { caught: ['none', 'Fatal'] },
  ],
  'no record': ['HTTP/1.1 200 OK\r\n\r\n', /protocol version: 72/],
}

for (const [name, [message, why, options]] of Object.entries(NONE)) {
  test(`refused: ${name}, wherever it is cut`, () => {
    for (const pieces of splits(bytes(message)))
      assert.throws(
        () => read(pieces, options),
        (error: unknown) =>
          error instanceof ProtocolError && why.test(error.detail) && /^[ -~…]+$/.test(error.detail),
      )
  })
}

test('of a long complaint the beginning is told, and all of it is looked through', () => {
  const complaint = record(STDERR, `${'x'.repeat(5000)}Fatal`)
  assert.equal(read([bytes(complaint)]), `told "${'x'.repeat(2000)}" false, nothing`)
  assert.throws(() => read([bytes(complaint)], { caught: ['Fatal'] }), ProtocolError)
})

test('an endless error stream is told in part', () => {
  const message = record(STDERR, 'x'.repeat(1000)).repeat(200) + answerOf('A: b\n\n')
  const seen = read([bytes(message)])
  assert.ok(seen.endsWith('whole'))
  assert.equal(seen.split('told').length - 1, 66)
})
