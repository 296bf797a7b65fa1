// http-proxy-3 as its README shows it, with an access log. Without an agent it sends `Connection: close` and
// takes a fresh connection for each request. It has no buffers, no queue and no second try.
// Arguments: port to listen on, port of the app, access log.

import { createWriteStream } from 'node:fs'
import { createServer, ServerResponse } from 'node:http'
import { createProxyServer } from 'http-proxy-3'

const [listen, upstream, log] = process.argv.slice(2) as [string, string, string]
const lines = createWriteStream(log)
const proxy = createProxyServer({ target: `http://127.0.0.1:${upstream}`, xfwd: true })

// The app's `Connection: close` speaks of its own connection; passed on, it would cost the edge one each answer.
proxy.on('proxyRes', answer => {
  delete answer.headers.connection
})
proxy.on('error', (_error, _request, response) => {
  if (!(response instanceof ServerResponse)) return
  if (response.headersSent) response.destroy()
  else response.writeHead(502).end('bad gateway\n')
})

const server = createServer((request, response) => {
  const start = performance.now()
  response.once('close', () => {
    const ms = (performance.now() - start).toFixed(1)
    lines.write(
      `${request.socket.remoteAddress} "${request.method} ${request.url}" ${response.statusCode} ${ms}\n`,
    )
  })
  proxy.web(request, response)
})
server.keepAliveTimeout = 920_000
server.requestTimeout = 0
server.listen(Number(listen), '127.0.0.1', 4096)
