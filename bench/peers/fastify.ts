// @fastify/http-proxy with fastify's own log, written to a file through its own buffered stream. `pipelining: 0`
// is undici's way of saying: no connection is used twice. It has no buffers, no queue and no second try.
// Arguments: port to listen on, port of the app, access log.

import httpProxy from '@fastify/http-proxy'
import fastify from 'fastify'

const [listen, upstream, log] = process.argv.slice(2) as [string, string, string]
const app = fastify({
  logger: { file: log },
  keepAliveTimeout: 920_000,
  requestTimeout: 0,
  bodyLimit: 2 ** 31,
})
await app.register(httpProxy, {
  upstream: `http://127.0.0.1:${upstream}`,
  undici: { pipelining: 0, headersTimeout: 120_000, bodyTimeout: 120_000 },
  // The app's `Connection: close` speaks of its own connection; passed on, it would cost the edge one each answer.
  replyOptions: { rewriteHeaders: ({ connection: _, ...headers }) => headers },
})
await app.listen({ port: Number(listen), host: '127.0.0.1', backlog: 4096 })
