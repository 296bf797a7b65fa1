// Bodies of random sizes in random pieces, both ways, on kept connections of clients that read at random paces, through all that
// keeps, changes or slows them: each arrives byte for byte. Another seed: BODIES_SEED; more of them: BODIES.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { test } from 'node:test'
import { temporaryFolder } from '../support/owner.ts'
import { freePort } from '../support/ports.ts'
import { Random } from '../support/random.ts'
import { runShield } from '../support/shield.ts'

const seed = Number(process.env.BODIES_SEED ?? 17)
const count = Number(process.env.BODIES ?? 600)

const LARGE = 6_000_000
/** No four bytes of it come twice: a piece in the place of another shows. */
const bytes = Buffer.alloc(2 * LARGE)
for (let at = 0; at < bytes.length; at += 4) bytes.writeUInt32LE(Math.imul(at, 2654435761) >>> 0, at)

const WAYS: Readonly<Record<string, string>> = {
  plain: '',
  compressed: 'gzip on; gzip_types *;',
  replaced: "sub_filter_types *; sub_filter 'in none of them' '';",
  kept: 'proxy_cache kept; proxy_cache_valid 1m;',
  limited: 'limit_rate 40m;',
  taken: 'proxy_limit_rate 40m;',
  inMemory: 'proxy_max_temp_file_size 0;',
  unbuffered: 'proxy_buffering off; proxy_request_buffering off;',
}

/** A body's place and length, from its path: /way/from/length. */
function bodyOf(path: string): Buffer {
  const [from, length] = path.split('/').slice(2).map(Number)
  return bytes.subarray(from!, from! + length!)
}

/** Writes a body in random pieces, some of them a little later. */
function give(body: Buffer, to: Writable, random: Random): void {
  let at = 0
  const go = (): void => {
    while (at < body.length) {
      const piece = body.subarray(at, at + 1 + random.below(random.pick([500, 70_000, 1_000_000])))
      at += piece.length
      if (!to.write(piece)) {
        to.once('drain', go)
        return
      }
      if (random.below(20) === 0) {
        setImmediate(go)
        return
      }
    }
    to.end()
  }
  go()
}

/** Reads to the end, with pauses. */
async function take(from: Readable, random: Random): Promise<Buffer> {
  const pieces: Buffer[] = []
  const slow = random.below(2) === 0
  for await (const piece of from) {
    pieces.push(piece)
    for (let turns = slow && random.below(5) === 0 ? random.below(1000) : 0; turns > 0; turns--)
      await new Promise(setImmediate)
  }
  return Buffer.concat(pieces)
}

const digest = (body: Buffer): string => createHash('sha1').update(body).digest('hex')

test(`${count} of them`, { timeout: 120_000 }, async t => {
  const underWay = new Set<string>()
  t.signal.addEventListener('abort', () => console.error('still under way:', [...underWay], { seed }))
  const random = new Random(seed)
  const app = http.createServer({ keepAlive: false }, async (request, response) => {
    if (request.method === 'POST') response.end(digest(await take(request, random)))
    else {
      const body = bodyOf(request.url!)
      // Else it comes in chunks.
      if (random.below(2) === 0) response.setHeader('Content-Length', body.length)
      give(body, response, random)
    }
  })
  await new Promise<void>(resolve => app.listen(0, '127.0.0.1', resolve))
  t.after(() => void app.close())
  const port = await freePort()
  const folder = temporaryFolder(t)
  const places = Object.entries(WAYS).map(
    ([name, lines]) => `location /${name}/ { proxy_pass http://app; ${lines} }`,
  )
  const path = join(folder, 'site.conf')
  writeFileSync(
    path,
    `proxy_cache_path ${join(folder, 'cache')} keys_zone=kept:1m;
    upstream app { server 127.0.0.1:${(app.address() as AddressInfo).port}; }
    server { listen 127.0.0.1:${port}; client_max_body_size 10m; ${places.join('\n')} }`,
  )
  const shield = runShield(t, ['-c', path, '--admin', 'off', '--log-format', 'json'])
  await shield.log.until(() => shield.lines('listening').length > 0, 'its listener')

  const agent = new http.Agent({ keepAlive: true, maxSockets: 12 })
  t.after(() => agent.destroy())
  const exchange = async (): Promise<void> => {
    const post = random.below(4) === 0
    const length = random.below(random.pick([300, 20_000, 200_000, LARGE]))
    // Few, of which a cache has some by then.
    const way = `/${random.pick(Object.keys(WAYS))}/${random.below(5) * 1000}/${length}`
    const body = bodyOf(way)
    const request = http.request({ port, path: way, method: post ? 'POST' : 'GET', agent })
    const answered = new Promise<http.IncomingMessage>((resolve, reject) => {
      request.once('response', resolve)
      request.once('error', reject)
    })
    if (post) {
      if (random.below(2) === 0) request.setHeader('Content-Length', length)
      give(body, request, random)
    } else request.end()
    const what = `${request.method} ${way}`
    underWay.add(what)
    try {
      const answer = await answered
      const got = await take(answer, random)
      assert.equal(answer.statusCode, 200, what)
      if (post) assert.equal(got.toString(), digest(body), `${what}: what the app had of it`)
      else assert.ok(got.equals(body), `${what}: ${got.length} bytes, or others`)
      underWay.delete(what)
    } catch (error) {
      throw new Error(`${what}, BODIES_SEED=${seed}`, { cause: error })
    }
  }
  let left = count
  const clients = Array.from({ length: 12 }, async () => {
    while (left-- > 0) await exchange()
  })
  await Promise.all(clients)
})
