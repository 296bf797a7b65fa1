// What a contender must answer right before its figures count: the request's head reaches the app, bodies pass
// both ways unharmed, and answers without a body stay without one. The app is in this process.

import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Contender, startContender } from './contenders.ts'
import { type Ask, Connection } from './load/connection.ts'

const megabyte = Buffer.alloc(1 << 20)
for (let at = 0; at < megabyte.length; at += 4) megabyte.writeUInt32LE(Math.imul(at, 2654435761) >>> 0, at)

const sha = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

/** Returns null, or what was wrong with the contender's answers. */
export async function prove(contender: Contender, dir: string): Promise<string | null> {
  const app = createServer(async (request, response) => {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece)
    response.setHeader('Connection', 'close')
    if (request.url === '/headers?a=1&b=%2F') response.end(JSON.stringify(request.headers))
    else if (request.url === '/echo') response.end(sha(Buffer.concat(pieces)))
    else if (request.url === '/megabyte') response.setHeader('Content-Length', megabyte.length).end(megabyte)
    else response.writeHead(404).end('no such page')
  })
  await new Promise<void>(resolve => app.listen(0, '127.0.0.1', resolve))
  try {
    const upstream = (app.address() as AddressInfo).port
    const running = await startContender(contender, { upstream, workers: 4, dir })
    try {
      return await check(running.port)
    } finally {
      await running.stop()
    }
  } catch (error) {
    return (error as Error).message
  } finally {
    app.closeAllConnections()
    app.close()
  }
}

async function check(port: number): Promise<string | null> {
  let connection = new Connection(port)
  const ask = async (what: Omit<Ask, 'deadline' | 'keepBody'>) => {
    if (!connection.usable) connection = new Connection(port)
    const { status, head, body } = await connection.ask({ ...what, deadline: 5000, keepBody: true })
    return { status, head, body }
  }
  try {
    const echoed = await ask({
      target: '/headers?a=1&b=%2F',
      headers: 'X-Probe: one two\r\nCookie: k=v; l=w\r\n',
    })
    if (echoed.status !== 200) return `GET: ${echoed.status} ${echoed.body.toString().slice(0, 100).trim()}`
    const seen = JSON.parse(echoed.body.toString())
    if (seen['x-probe'] !== 'one two' || seen.cookie !== 'k=v; l=w') return `GET: the app saw ${echoed.body}`
    if (!String(seen['x-forwarded-for']).startsWith('203.0.113.'))
      return 'GET: no X-Forwarded-For reached the app'
    const posted = await ask({ method: 'POST', target: '/echo', body: megabyte })
    if (posted.body.toString() !== sha(megabyte))
      return `POST of 1 MB: ${posted.status}, another body arrived`
    const large = await ask({ target: '/megabyte' })
    if (sha(large.body) !== sha(megabyte))
      return `GET of 1 MB: ${large.status}, ${large.body.length} other bytes`
    const missing = await ask({ target: '/nothing' })
    if (missing.status !== 404 || missing.body.toString() !== 'no such page') return `404: ${missing.status}`
    const head = await ask({ method: 'HEAD', target: '/megabyte' })
    if (head.status !== 200 || head.body.length > 0) return `HEAD: ${head.status}, ${head.body.length} bytes`
    const after = await ask({ target: '/nothing' })
    return after.status === 404 ? null : `after HEAD: ${after.status}`
  } catch (error) {
    return (error as Error).message
  } finally {
    connection.close()
  }
}
