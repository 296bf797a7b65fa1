// Requests in a row on one connection, made by chance and sent at once: each is answered as by nginx, and the connection
// lasts as long. `TEST_ROWS=1000` looks further than the few that are always looked at.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readAnswer, value } from '../support/answer.ts'
import { without } from '../support/servers.ts'
import { comparable, difference } from './compare.ts'
import { excused } from './differences.ts'
import { Choice } from './random/choice.ts'
import type { TestRequest } from './requests.ts'
import { Nginx, Ours, type Result } from './servers.ts'

const ROWS = Number(process.env.TEST_ROWS ?? 200)
const MOST_BODY = 100

const SITE = `
upstream app { server 127.0.0.1:8000; }
server {
    listen 80;
    client_max_body_size ${MOST_BODY};
    keepalive_requests 4;
    root /srv/app;
    location /app/ { proxy_pass http://app/; }
    location /streamed/ {
        proxy_pass http://app/;
        proxy_http_version 1.1;
        proxy_request_buffering off;
        proxy_buffering off;
    }
    location /static/ { }
    location /returned { return 200 "returned\\n"; }
    location /nothing { return 204; }
    location /moved { return 301 /returned; }
    location /dropped { return 444; }
    location /last { keepalive_timeout 0; return 200 "last\\n"; }
    location /closed { deny all; }
    location /page { error_page 404 /returned; return 404; }
    location /named { error_page 404 = @named; return 404; }
    location @named { proxy_pass http://app; }
    location /tight { client_max_body_size 1; error_page 413 /returned; proxy_pass http://app/; }
    location /refused { proxy_pass http://127.0.0.1:1; }
}
server {
    listen 80;
    server_name other.example;
    client_max_body_size 1;
    return 200 "other\\n";
}
`

const METHODS = ['GET', 'GET', 'GET', 'HEAD', 'POST', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'ODD']
const TARGETS = [
  ...[
    '/app/a',
    '/app/a',
    '/app/../returned',
    '/app/%zz',
    '/streamed/a',
    '/streamed/b?c=d',
    '/static/app.css',
  ],
  ...['/static', '/static/none', '/returned', '/nothing', '/moved', '/dropped', '/last', '/closed', '/page'],
  ...['/named', '/tight', '/refused', '/', '*', 'http://other.example/a'],
]
const CONNECTIONS = ['close', 'keep-alive', 'Keep-Alive', 'odd', 'close, odd', 'upgrade', 'CLOSE']
const ANSWERS = [
  ...[[], [], ['App-Framing: chunked'], ['App-Framing: close'], ['App-Status: 204 No Content']],
  ...[['App-Status: 304 Not Modified'], ['App-Status: 500 Oh'], ['App-Body: text*1000']],
]

function request(choice: Choice, last: boolean): TestRequest {
  const method = choice.pick(METHODS)
  const version = choice.chance(80) ? 'HTTP/1.1' : 'HTTP/1.0'
  const fields = [...choice.pick(ANSWERS)]
  if (choice.chance(8)) fields.push(choice.chance(50) ? 'Host: other.example' : 'Host:')
  // The last ends the row. Of the others most leave it to their version, with a field that says nothing.
  if (!last) fields.push(`Connection: ${choice.chance(25) ? choice.pick(CONNECTIONS) : ''}`.trim())
  if (choice.chance(8)) fields.push('Range: bytes=0-1')
  let body: string | null = null
  if (choice.chance(method === 'POST' || method === 'PUT' ? 80 : 12)) {
    const chunked = version === 'HTTP/1.1' && choice.chance(25)
    if (chunked) fields.push('Transfer-Encoding: chunked')
    // What grows beyond the limit in chunks, and is thrown away, is different on purpose.
    const size = chunked ? 1 : choice.pick([0, 1, 10, MOST_BODY, MOST_BODY + 1, 500])
    body = 'x'.repeat(size)
  }
  return { method, target: choice.pick(TARGETS), version, port: null, fields, body, times: 1 }
}

/** A line for each answer (without `Retry-After`, which ours have more often), for each request that reached the app, and what comes after the last. */
function seen({ answer, moveBack, reached }: Result, requests: readonly TestRequest[]): string[] {
  const lines: string[] = []
  let rest = Buffer.from(answer, 'latin1')
  for (const request of requests) {
    const read = readAnswer(rest, request.method, true)
    if (read === null) break
    const own = rest.toString('latin1', 0, read.size)
    const result = { answer: own, moveBack, reached: [] }
    const { status, fields, body } = excused(request, comparable(result, request.method))
    const content = fields.filter(field => !field.startsWith('retry-after:'))
    lines.push(`${status} [${value(read, 'connection')}] ${content.join(', ')}: ${JSON.stringify(body)}`)
    rest = rest.subarray(read.size)
  }
  lines.push(`then ${JSON.stringify(moveBack(rest.toString('latin1')))}`)
  return [...lines, ...reached.map(({ line, body }) => `reached ${line} ${body.length}`)]
}

test('requests in a row are answered as by nginx', { skip: without('nginx', 'openssl') }, async t => {
  const [nginx, ours] = await Promise.all([new Nginx(t, SITE).start(), new Ours(t, SITE).start()])
  for (let seed = 1; seed <= ROWS; seed++) {
    const choice = new Choice(seed)
    const count = choice.between(1, 5)
    const row = Array.from({ length: count }, (_, at) => request(choice, at === count - 1))
    const [first, ...more] = row as [TestRequest, ...TestRequest[]]
    const results = await Promise.all([nginx, ours].map(server => server.ask(first, ...more)))
    const [theirs, own] = results.map(result => seen(result, row)) as [string[], string[]]
    const said = difference(own, theirs)
    assert.equal(said, '', `row ${seed}:\n${row.map(each => JSON.stringify(each)).join('\n')}\n${said}`)
  }
})
