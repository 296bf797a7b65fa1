// TLS towards the upstream as a process meets it: whose certificate is believed, who is asked for, our own certificate,
// and what a client gets where no handshake succeeds.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import tls from 'node:tls'
import { Certificates } from '../support/certificates.ts'
import { freePort } from '../support/ports.ts'
import { ask, connectRaw } from '../support/raw-client.ts'
import { runShield, type Shield } from '../support/shield.ts'

/** An app that answers with who was asked for and who asked, and echoes after an upgrade. */
async function startApp(t: TestContext, certificates: Certificates): Promise<string> {
  const { cert, key } = certificates.of('app.example')
  const server = tls.createServer(
    {
      cert: readFileSync(cert),
      key: readFileSync(key),
      ca: readFileSync(certificates.authority.cert),
      requestCert: true,
      rejectUnauthorized: false,
    },
    socket => {
      socket.on('error', () => {})
      socket.once('data', head => {
        const client = socket.getPeerCertificate().subject?.CN ?? 'nobody'
        const again = socket.isSessionReused() ? ' again' : ''
        const body = `${(socket as { servername?: string | false }).servername || '-'} ${client}${again}`
        if (/^upgrade:/im.test(head.toString())) {
          socket.write(
            'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
          )
          socket.on('data', bytes => socket.write(bytes))
          return
        }
        const end = head.toString().includes('/cut') ? '' : body
        socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${end}`)
      })
    },
  )
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => server.close())
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

interface Started {
  readonly shield: Shield
  get(path: string): Promise<string>
  readonly address: string
}

async function start(t: TestContext, locations: string, more: readonly string[] = []): Promise<Started> {
  const folder = mkdtempSync(join(tmpdir(), 'secure-upstreams-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'nginx.conf')
  const address = `127.0.0.1:${await freePort()}`
  writeFileSync(file, `server { listen ${address}; ${locations} }`)
  const shield = runShield(t, ['-c', file, '--admin', 'off', '--log-format', 'json', '--hold', '0', ...more])
  await shield.logLine(line => line.msg === 'listening', 'it listens')
  const get = async (path: string): Promise<string> => {
    const { status, body } = await ask(t, address, path)
    return status === 200 ? body.toString() : String(status)
  }
  return { shield, get, address }
}

test('certificates on both sides, and names', async t => {
  const certificates = new Certificates(t)
  const app = await startApp(t, certificates)
  const client = certificates.of('client.example')
  const pass = `proxy_ssl_session_reuse off; proxy_pass https://${app}/;`
  const trusted = `proxy_ssl_verify on; proxy_ssl_trusted_certificate ${certificates.authority.cert};`
  const { get } = await start(
    t,
    `location /plain { ${pass} }
    location /sni { proxy_ssl_server_name on; proxy_ssl_name $arg_name; ${pass} }
    location /client { proxy_ssl_certificate ${client.cert}; proxy_ssl_certificate_key ${client.key}; ${pass} }
    location /verified { ${trusted} proxy_ssl_name app.example; ${pass} }
    location /misnamed { ${trusted} proxy_ssl_name other.example; ${pass} }
    location /old { proxy_ssl_protocols TLSv1.2; ${pass} }
    location /strangers { ${trusted} proxy_ssl_trusted_certificate ${client.cert}; proxy_ssl_name app.example; ${pass} }`.replace(
      `${trusted} proxy_ssl_trusted_certificate`,
      'proxy_ssl_verify on; proxy_ssl_trusted_certificate',
    ),
  )
  assert.equal(await get('/plain'), '- nobody')
  assert.equal(await get('/sni?name=tenant.example'), 'tenant.example nobody')
  assert.equal(await get('/client'), '- client.example')
  assert.equal(await get('/verified'), '- nobody')
  assert.equal(await get('/old'), '- nobody')
  assert.equal(await get('/misnamed'), '502')
  assert.equal(await get('/strangers'), '502')
  // A handshake that fails says nothing against the others.
  assert.equal(await get('/verified'), '- nobody')
})

test('an answer that breaks off is never ended cleanly', async t => {
  const app = await startApp(t, new Certificates(t))
  const { address } = await start(t, `location / { proxy_pass https://${app}; }`)
  const client = await connectRaw(t, address)
  await assert.rejects(
    client.request('GET', '/cut', 'Connection: close').answer(),
    /before the answer was whole/,
  )
})

test('plain HTTP behind https, and a server that hangs up in the handshake, are a 502 at once', async t => {
  const plain = net.createServer(socket => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  const silent = net.createServer(socket => socket.once('data', () => socket.end()))
  for (const server of [plain, silent]) {
    await once(server.listen(0, '127.0.0.1'), 'listening')
    t.after(() => server.close())
  }
  const [a, b] = [plain, silent].map(server => (server.address() as AddressInfo).port)
  const { get, shield } = await start(
    t,
    `location /a { proxy_pass https://127.0.0.1:${a}; } location /b { proxy_pass https://127.0.0.1:${b}; }`,
  )
  assert.equal(await get('/a'), '502')
  assert.equal(await get('/b'), '502')
  await shield.logLine(line => /the TLS handshake failed/.test(String(line.msg)), 'why')
})

test('a handshake that does not come about in time is a 504, after whoever else there is', async t => {
  const silent = net.createServer(socket => socket.resume())
  await once(silent.listen(0, '127.0.0.1'), 'listening')
  t.after(() => silent.close())
  const { port } = silent.address() as AddressInfo
  const { get } = await start(
    t,
    `location / { proxy_connect_timeout 50ms; proxy_pass https://127.0.0.1:${port}; }
     location /page { proxy_connect_timeout 50ms; proxy_pass https://127.0.0.1:${port}; error_page 504 =200 /told; }
     location /told { return 200 told; }`,
  )
  assert.equal(await get('/'), '504')
  assert.equal(await get('/page'), 'told')
})

test('a WebSocket goes through TLS as well', async t => {
  const app = await startApp(t, new Certificates(t))
  const upgrade =
    'proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;'
  const { address } = await start(t, `location / { ${upgrade} proxy_pass https://${app}; }`)
  const client = await connectRaw(t, address)
  client.request(
    'GET',
    '/',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  )
  const head = await client.head()
  assert.equal(head.status, 101)
  client.send('ping')
  await client.receives('ping')
})

test('our certificate by variables; one that cannot be used is a 500', async t => {
  const certificates = new Certificates(t)
  const app = await startApp(t, certificates)
  for (const name of ['a', 'b']) certificates.of(name)
  const { get, shield } = await start(
    t,
    `proxy_ssl_certificate ${certificates.folder}/$arg_who.crt; proxy_ssl_certificate_key ${certificates.folder}/$arg_who.key;
     location / { proxy_pass https://${app}/; }
     location /none { proxy_ssl_certificate $arg_none; proxy_ssl_certificate_key $arg_none; proxy_pass https://${app}/; }`,
  )
  assert.deepEqual(
    [await get('/?who=a'), await get('/?who=b'), await get('/?who=a'), await get('/none')],
    ['- a', '- b', '- a again', '- nobody'],
  )
  assert.equal(await get('/?who=c'), '500')
  await shield.logLine(line => /cannot load certificate ".*c\.crt"/.test(String(line.text)), 'why')
})

for (const cores of [1, 2]) {
  test(`sessions are taken up again with whom they began, unless the file says no: --cores ${cores}`, async t => {
    const certificates = new Certificates(t)
    const [one, other] = [await startApp(t, certificates), await startApp(t, certificates)]
    const verified = `proxy_ssl_verify on; proxy_ssl_trusted_certificate ${certificates.authority.cert};`
    const { get } = await start(
      t,
      `location /one { proxy_pass https://${one}/; }
       location /tls12 { proxy_ssl_protocols TLSv1.2; proxy_pass https://${one}/; }
       location /other { proxy_pass https://${other}/; }
       location /second { proxy_ssl_name second.example; proxy_pass https://${one}/; }
       location /off { proxy_ssl_session_reuse off; proxy_pass https://${one}/; }
       location /named { ${verified} proxy_ssl_name $arg_name; proxy_pass https://${one}/; }`,
      ['--cores', String(cores)],
    )
    const often = async (path: string) => {
      const seen: string[] = []
      for (let round = 0; round < 12; round++) seen.push(await get(path))
      // Each thread has its own.
      return [seen[0], seen.filter(each => each.endsWith(' again')).length >= 12 - cores]
    }
    assert.deepEqual(await often('/one'), ['- nobody', true])
    assert.deepEqual(await often('/tls12'), ['- nobody', true])
    assert.deepEqual(await often('/other'), ['- nobody', true])
    assert.deepEqual(await often('/second'), ['- nobody', true], 'another name, or group, begins anew')
    assert.deepEqual(await often('/off'), ['- nobody', false])
    assert.deepEqual(await often('/named?name=app.example'), ['- nobody', true])
    assert.equal(await get('/named?name=other.example'), '502')
  })
}

test('a chain that is longer than the file allows is not believed', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'chain-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const at = (name: string) => join(folder, name)
  const openssl = (line: string) => execFileSync('openssl', line.split(' '), { cwd: folder, stdio: 'ignore' })
  writeFileSync(at('ca.ext'), 'basicConstraints=critical,CA:TRUE\n')
  const ec = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
  openssl(
    `req -x509 ${ec} -subj /CN=root -keyout root.key -out root.crt -days 2 -addext basicConstraints=critical,CA:TRUE`,
  )
  for (const [name, by] of [
    ['one', 'root'],
    ['two', 'one'],
    ['app.example', 'two'],
  ] as const) {
    openssl(`req ${ec} -subj /CN=${name} -keyout ${name}.key -out ${name}.csr`)
    openssl(
      `x509 -req -in ${name}.csr -CA ${by}.crt -CAkey ${by}.key -CAcreateserial -days 2 -out ${name}.crt -extfile ca.ext`,
    )
  }
  const chain = ['app.example', 'two', 'one'].map(name => readFileSync(at(`${name}.crt`), 'utf8')).join('')
  const server = tls.createServer({ cert: chain, key: readFileSync(at('app.example.key')) }, socket => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const pass = `proxy_ssl_verify on; proxy_ssl_trusted_certificate ${at('root.crt')}; proxy_ssl_name app.example; proxy_pass https://127.0.0.1:${port};`
  const { get } = await start(
    t,
    `location /usual { ${pass} } location /one { proxy_ssl_verify_depth 1; ${pass} } location /two { proxy_ssl_verify_depth 2; ${pass} }`,
  )
  assert.deepEqual([await get('/usual'), await get('/one'), await get('/two')], ['502', '502', 'ok'])
})

test('OpenSSL’s own commands towards the upstream', async t => {
  const certificates = new Certificates(t)
  const app = await startApp(t, certificates)
  const client = certificates.of('client.example')
  const { get } = await start(
    t,
    `location / { proxy_ssl_conf_command Certificate ${client.cert}; proxy_ssl_conf_command PrivateKey ${client.key}; proxy_pass https://${app}/; }
     location /old { proxy_ssl_conf_command MaxProtocol TLSv1.1; proxy_pass https://${app}/; }`,
  )
  assert.deepEqual([await get('/'), await get('/old')], ['- client.example', '502'])
})

for (const version of ['TLSv1.2', 'TLSv1.3']) {
  test(`${version}: no session is taken up with whom was not believed, and one that is refused is forgotten`, async t => {
    const certificates = new Certificates(t)
    const app = await startApp(t, certificates)
    // It hangs up on the second connection, as if it minded the session.
    let connections = 0
    const moody = net.createServer(socket => {
      socket.on('error', () => {})
      if (++connections === 2) socket.once('data', () => socket.destroy())
      else {
        const [host, port] = app.split(':') as [string, string]
        const through = net.connect({ host, port: Number(port) })
        through.on('error', () => socket.destroy())
        socket.pipe(through).pipe(socket)
      }
    })
    await once(moody.listen(0, '127.0.0.1'), 'listening')
    t.after(() => moody.close())
    const { port } = moody.address() as AddressInfo
    const { get } = await start(
      t,
      `proxy_ssl_protocols ${version};
       location /named { proxy_ssl_verify on; proxy_ssl_trusted_certificate ${certificates.authority.cert};
                         proxy_ssl_name other.example; proxy_pass https://${app}/; }
       location /strange { proxy_ssl_verify on; proxy_ssl_trusted_certificate ${certificates.alone('x').cert};
                           proxy_ssl_name app.example; proxy_pass https://${app}/; }
       location /moody { proxy_pass https://127.0.0.1:${port}/; }`,
    )
    for (let round = 0; round < 4; round++)
      assert.deepEqual([await get('/named'), await get('/strange')], ['502', '502'])
    assert.deepEqual(
      [await get('/moody'), await get('/moody'), await get('/moody'), await get('/moody')],
      ['- nobody', '502', '- nobody', '- nobody again'],
    )
  })
}
