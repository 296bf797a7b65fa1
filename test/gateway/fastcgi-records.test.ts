import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RecordReader } from '../../src/gateway/fastcgi-records.ts'
import { ProtocolError } from '../../src/http1/protocol-error.ts'
import { bytes, splits } from '../http1/messages.ts'
import { END, record, STDERR, STDOUT } from '../support/fastcgi.ts'
import { Random } from '../support/random.ts'

/** What was read, as one line: pieces of the answer are joined. */
function read(pieces: Iterable<Buffer>): string {
  const seen: string[] = []
  let out = ''
  const reader = new RecordReader({
    stdout: piece => void (out += piece.toString('latin1')),
    stdoutEnd: () => seen.push(`out ${JSON.stringify(out)}`),
    stderr: text => seen.push(`err ${JSON.stringify(text)}`),
    end: refusal => seen.push(`end ${refusal}`),
  })
  for (const piece of pieces) reader.push(piece)
  return seen.join(', ')
}

const ANSWERS: Record<string, [message: string, seen: string]> = {
  'an answer': [
    record(STDOUT, 'hello') + record(STDOUT, '') + record(END, '\0\0\0\0\0\0\0\0'),
    'out "hello", end null',
  ],
  'several records with padding': [
    record(STDOUT, 'hel', 5) +
      record(STDOUT, 'lo', 255) +
      record(STDOUT, '', 8) +
      record(END, '\0'.repeat(8)),
    'out "hello", end null',
  ],
  'an error stream between': [
    record(STDOUT, 'a') +
      record(STDERR, 'oh\n', 5) +
      record(STDOUT, 'b') +
      record(STDERR, '') +
      record(STDOUT, ''),
    'err "oh\\n", out "ab"',
  ],
  'a last record without content': [record(STDOUT, '') + record(END, ''), 'out "", end null'],
  'what comes after the end': [`${record(END, '\0'.repeat(8))}HTTP/1.1 200 OK`, 'end null'],
  overloaded: [record(END, '\0\0\0\0\x02\0\0\0'), 'end it is overloaded'],
  'no multiplexing': [
    record(END, '\0\0\0\0\x01\0\0\0'),
    'end it cannot serve several requests over one connection',
  ],
  'an unknown role': [record(END, '\0\0\0\x05\x03\0\0\0'), 'end it has no responder'],
  'an unknown status': [record(END, '\0\0\0\0\x63\0\0\0'), 'end protocol status 99'],
  nothing: ['', ''],
}

for (const [name, [message, seen]] of Object.entries(ANSWERS)) {
  test(`${name}: the same wherever it is cut`, () => {
    for (const pieces of splits(bytes(message))) assert.equal(read(pieces), seen)
  })
}

test('what is cut off says nothing that is not there yet', () => {
  const [message, whole] = ANSWERS['several records with padding']!
  for (let length = 0; length < message.length - 8; length++) {
    const seen = read([bytes(message.slice(0, length))])
    assert.ok(whole.startsWith(seen) && !seen.includes('end'), `${length}: ${seen}`)
  }
})

const NONE: Record<string, [message: string, why: RegExp]> = {
  'another version': ['\x02', /unsupported FastCGI protocol version: 2/],
  HTTP: ['HTTP/1.1 200 OK\r\n', /unsupported FastCGI protocol version: 72/],
  'a record of a request': ['\x01\x05', /invalid FastCGI record type: 5/],
  'a record of management': ['\x01\x0a', /invalid FastCGI record type: 10/],
  'the answer of another request': ['\x01\x06\x01', /unexpected FastCGI request id high byte: 1/],
  'the same, lower': ['\x01\x06\0\x02', /unexpected FastCGI request id low byte: 2/],
}

for (const [name, [message, why]] of Object.entries(NONE)) {
  test(`refused as soon as it shows: ${name}`, () => {
    for (const pieces of splits(bytes(message)))
      assert.throws(
        () => read(pieces),
        (error: unknown) => error instanceof ProtocolError && why.test(error.detail),
      )
  })
}

test('a long complaint is told as a whole', () => {
  const seen = read([bytes(record(STDERR, 'x'.repeat(60_000)))])
  assert.equal(seen, `err "${'x'.repeat(60_000)}"`)
})

test('changed at random, it is read or refused, and never more than it holds', () => {
  const random = new Random(7)
  const [message] = ANSWERS['an error stream between']!
  for (let round = 0; round < 3000; round++) {
    const changed = bytes(message)
    for (let times = 1 + random.below(3); times > 0; times--)
      changed[random.below(changed.length)] = random.below(256)
    let out = 0
    const count = (text: { length: number }) => void (out += text.length)
    const reader = new RecordReader({ stdout: count, stdoutEnd() {}, stderr: count, end() {} })
    try {
      for (let at = 0; at < changed.length; at += 5) reader.push(changed.subarray(at, at + 5))
    } catch (error) {
      assert.ok(error instanceof ProtocolError, String(error))
    }
    assert.ok(out <= message.length)
  }
})
