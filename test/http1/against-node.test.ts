// Well-formed messages mean the same to this reader and to Node's own, which has been read by many eyes.

import assert from 'node:assert/strict'
import * as http from 'node:http'
import type { Socket } from 'node:net'
import { duplexPair } from 'node:stream'
import { test } from 'node:test'
import { BodyDecoder } from '../../src/http1/body-decoder.ts'
import { requestFraming, responseFraming } from '../../src/http1/framing.ts'
import { findHeadEnd, findResponseHeadEnd } from '../../src/http1/head-end.ts'
import type { HeaderList } from '../../src/http1/headers.ts'
import { parseRequestHead } from '../../src/http1/request-head.ts'
import { parseResponseHead } from '../../src/http1/response-head.ts'
import { bytes } from './messages.ts'

interface Meaning {
  start: (string | number)[]
  fields: string[]
  body: string
  trailers: string[]
}

const flat = (headers: HeaderList | null) =>
  (headers?.names ?? []).flatMap((name, i) => [name, headers!.values[i]!])

async function readByNode(message: http.IncomingMessage, start: (string | number)[]): Promise<Meaning> {
  const body: Buffer[] = []
  for await (const chunk of message) body.push(chunk)
  const text = Buffer.concat(body).toString('latin1')
  return { start, fields: message.rawHeaders, body: text, trailers: message.rawTrailers }
}

function requestsByNode(text: string, count: number): Promise<Meaning[]> {
  return new Promise((resolve, reject) => {
    const [ours, theirs] = duplexPair()
    const found: Promise<Meaning>[] = []
    const server = http.createServer((message, answer) => {
      found.push(readByNode(message, [message.method!, message.url!, message.httpVersion]))
      message.on('end', () => answer.end())
      if (found.length === count) resolve(Promise.all(found))
    })
    server.on('clientError', error => reject(error))
    server.emit('connection', theirs)
    ours.resume()
    ours.write(text, 'latin1')
  })
}

function requestsByUs(text: string): Meaning[] {
  const buf = bytes(text)
  const found: Meaning[] = []
  for (let at = 0; at < buf.length; ) {
    const end = findHeadEnd(buf, at, at)
    const head = parseRequestHead(buf, at, end)
    const meaning = {
      start: [head.method, head.target, `1.${head.minor}`],
      fields: flat(head.headers),
      body: '',
      trailers: [] as string[],
    }
    const decoder = new BodyDecoder(requestFraming(head), {
      data: chunk => (meaning.body += chunk.toString('latin1')),
      end: trailers => (meaning.trailers = flat(trailers)),
    })
    at = decoder.push(buf, end, buf.length)
    assert.ok(decoder.done)
    found.push(meaning)
  }
  return found
}

const requests: string[][] = [
  ['GET / HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['GET /x?y=%20|{} HTTP/1.1\r\nhOsT: a:80\r\nX:\r\nx: \xe4\xff\r\nX-y: \t 1 2\t \r\n\r\n'],
  ['POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello', 'GET /2 HTTP/1.1\r\nHost: a\r\n\r\n'],
  [
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n\r\n\0\xff\r\n\r\n0\r\nX-Sum: 1\r\nx-b:2\r\n\r\n',
    'DELETE /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n',
    'GET /3 HTTP/1.1\r\nHost: a\r\n\r\n',
  ],
  ['OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['GET /10 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n'],
  ['GET http://a/b HTTP/1.1\r\nHost: a\r\nCookie: a=b; c=d\r\nCookie: e\r\n\r\n'],
  ['M-SEARCH /dev HTTP/1.1\r\nHost: a\r\nMan: "ssdp:discover"\r\n\r\n'],
]
for (const messages of requests) {
  test(`requests read as Node reads them: ${JSON.stringify(messages[0]!.slice(0, 40))}`, async () => {
    const text = messages.join('')
    assert.deepEqual(requestsByUs(text), await requestsByNode(text, messages.length))
  })
}

function answerByNode(text: string, method: string): Promise<Meaning> {
  return new Promise((resolve, reject) => {
    const [ours, theirs] = duplexPair()
    const asked = http.request({ method, createConnection: () => theirs as Socket }, message => {
      resolve(readByNode(message, [message.httpVersion, message.statusCode!, message.statusMessage!]))
    })
    asked.on('error', reject)
    asked.end()
    ours.once('data', () => ours.end(text, 'latin1'))
  })
}

function answerByUs(text: string, method: string): Meaning {
  const buf = bytes(text)
  const end = findResponseHeadEnd(buf, 0, 0)
  const head = parseResponseHead(buf, 0, end)
  const meaning = {
    start: [`1.${head.minor}`, head.status, head.reason],
    fields: flat(head.headers),
    body: '',
    trailers: [] as string[],
  }
  const decoder = new BodyDecoder(responseFraming(head, method), {
    data: chunk => (meaning.body += chunk.toString('latin1')),
    end: trailers => (meaning.trailers = flat(trailers)),
  })
  decoder.push(buf, end, buf.length)
  assert.ok(decoder.finish())
  return meaning
}

const answers: [string, string][] = [
  ['GET', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'],
  ['GET', 'HTTP/1.1 200 OK\r\nServer: gunicorn\r\nConnection: close\r\n\r\nuntil the close'],
  ['GET', 'HTTP/1.0 200 Fine, \xe9\r\nset-cookie: a\r\nSet-Cookie: b\r\n\r\nold'],
  ['GET', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-T: 1\r\n\r\n'],
  ['GET', 'HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n'],
  ['GET', 'HTTP/1.1 204\r\nX: y\r\n\r\n'],
  ['GET', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\nETag: "x"\r\n\r\n'],
  ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n'],
  ['HEAD', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'],
]
for (const [method, text] of answers) {
  test(`an answer to ${method} read as Node reads it: ${JSON.stringify(text.slice(0, 60))}`, async () => {
    assert.deepEqual(answerByUs(text, method), await answerByNode(text, method))
  })
}
