// A configuration in nginx's syntax as a process meets it: the listeners that it names, certificates by name, the PROXY
// protocol, the pid file, the user, signals, and a change of file under load.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import tls from 'node:tls'
import { Certificates } from '../support/certificates.ts'
import { freePort } from '../support/ports.ts'
import { ask, connectRaw } from '../support/raw-client.ts'
import { startRecorder } from '../support/recorder.ts'
import { runShield, type Shield } from '../support/shield.ts'

interface Started {
  readonly shield: Shield
  readonly file: string
  /** Writes the file anew, at once, and has it read. */
  change(text: string): void
}

async function start(
  t: TestContext,
  text: string,
  args: string[] = [],
  folder = mkdtempSync(join(tmpdir(), 'nginx-door-')),
): Promise<Started> {
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, text)
  const shield = runShield(t, ['-c', file, '--admin', 'off', '--log-format', 'json', ...args])
  await shield.logLine(line => line.msg === 'listening', 'it listens')
  const change = (next: string) => {
    writeFileSync(`${file}.new`, next)
    renameSync(`${file}.new`, file)
    shield.signal('SIGHUP')
  }
  return { shield, file, change }
}

const pass = (upstream: string): string => `location / { proxy_pass http://${upstream}; }`

test('certificates by name, read again on HUP', async t => {
  const app = await startRecorder(t)
  const certificates = new Certificates(t)
  const [a, b] = [certificates.of('a.example'), certificates.of('b.example')]
  const port = await freePort()
  const server = (name: string, { cert, key }: typeof a) =>
    `server { listen 127.0.0.1:${port} ssl; server_name ${name}; ssl_certificate ${cert}; ssl_certificate_key ${key}; ${pass(app.address)} }\n`
  const { shield, change } = await start(t, server('a.example', a) + server('b.example', b))

  const nameFor = async (servername: string): Promise<unknown> => {
    const client = tls.connect({ port, host: '127.0.0.1', servername, rejectUnauthorized: false })
    await once(client, 'secureConnect')
    client.on('error', () => {})
    client.end()
    return client.getPeerCertificate().subject.CN
  }
  assert.deepEqual([await nameFor('a.example'), await nameFor('b.example')], ['a.example', 'b.example'])
  change(server('a.example', a) + server('b.example', a))
  await shield.logLine(line => line.msg === 'reload', 'the reload')
  assert.equal(await nameFor('b.example'), 'a.example')

  // A certificate that is not there changes nothing.
  change(server('a.example', { ...a, cert: '/nowhere/a.crt' }))
  const refused = await shield.logLine(line => String(line.msg).startsWith('reload refused'), 'the refusal')
  assert.match(refused.problems[0], /cannot load certificate "\/nowhere\/a\.crt".* in \S+nginx\.conf:1$/)
  assert.equal(await nameFor('b.example'), 'a.example')
})

test('a folder for a cache that cannot be made changes nothing when the file is read again', async t => {
  const port = await freePort()
  const site = (body: string, more = ''): string =>
    `${more}\nserver { listen 127.0.0.1:${port}; location / { return 200 ${body}; } }`
  const { shield, change, file } = await start(t, site('old'))
  change(site('new', `proxy_cache_path ${file}/a keys_zone=a:1m;`))
  const refused = await shield.logLine(line => String(line.msg).startsWith('reload refused'), 'the refusal')
  assert.match(
    refused.problems[0],
    /^mkdir\(\) "\S+\/a" failed \(20: Not a directory\); .* in \S+nginx\.conf:1$/,
  )
  assert.equal((await ask(t, `127.0.0.1:${port}`, '/')).body.toString(), 'old')
})

test('what must not be served by a connection is answered as nginx does, pages of the file included', async t => {
  const certificates = new Certificates(t)
  const [own, good, bad] = [certificates.of('a'), certificates.of('good'), certificates.alone('bad')]
  const [port, judging] = [await freePort(), await freePort()]
  const strict = `listen 127.0.0.1:${port} ssl; ssl_verify_client on; ssl_client_certificate ${certificates.authority.cert};`
  await start(
    t,
    `ssl_certificate ${own.cert}; ssl_certificate_key ${own.key};
     server { listen 127.0.0.1:${port} ssl; server_name open; location / { return 200 open; } }
     server { ${strict} server_name strict; location / { return 200 "$ssl_client_verify $ssl_client_s_dn"; } }
     server { ${strict} server_name named; error_page 496 = @no; location @no { return 403 "none"; } }
     server { listen 127.0.0.1:${port}; server_name may; ssl_verify_client optional;
              ssl_client_certificate ${certificates.authority.cert}; return 200 "may $ssl_client_verify"; }
     server { listen 127.0.0.1:${judging} ssl; ssl_verify_client optional;
              ssl_client_certificate ${certificates.authority.cert}; return 200 default; }
     server { listen 127.0.0.1:${judging}; server_name alike; ssl_verify_client on;
              ssl_client_certificate ${certificates.authority.cert}; return 200 "alike $ssl_client_verify"; }
     server { listen 127.0.0.1:${judging}; server_name apart; ssl_verify_client on;
              ssl_client_certificate ${own.cert}; return 200 "apart $ssl_client_verify"; }`,
  )
  const get = async (servername: string, host: string, pair?: typeof good, at = port): Promise<string> => {
    const files = pair === undefined ? {} : { cert: readFileSync(pair.cert), key: readFileSync(pair.key) }
    const client = tls.connect({
      port: at,
      host: '127.0.0.1',
      servername,
      rejectUnauthorized: false,
      ...files,
    })
    client.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    let text = ''
    for await (const piece of client) text += piece
    return `${/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]} ${/<center>(?!<)(.*?)<\/center>/.exec(text)?.[1] ?? text.split('\r\n\r\n')[1]}`
  }
  assert.equal(await get('open', 'open'), '200 open')
  assert.equal(await get('strict', 'strict', good), '200 SUCCESS CN=good')
  assert.equal(await get('strict', 'strict', bad), '400 The SSL certificate error')
  assert.equal(await get('strict', 'strict'), '400 No required SSL certificate was sent')
  assert.equal(await get('named', 'named'), '403 none')
  assert.match(await get('open', 'strict', good), /^421 /)
  // Without a name in the handshake, or with one that nobody has, the server of the request looks at what has come.
  for (const unknown of ['', 'nobody']) {
    assert.equal(await get(unknown, 'strict', good), '400 No required SSL certificate was sent')
    assert.equal(await get(unknown, 'may', good), '200 may NONE')
    assert.equal(await get(unknown, 'alike', good, judging), '200 alike SUCCESS')
    assert.equal(await get(unknown, 'alike', bad, judging), '400 The SSL certificate error')
    assert.equal(await get(unknown, 'alike', undefined, judging), '400 No required SSL certificate was sent')
    // Not at one that other authorities stand for.
    assert.match(await get(unknown, 'apart', good, judging), /^421 /)
    assert.equal(await get(unknown, 'apart', undefined, judging), '400 No required SSL certificate was sent')
  }
  const plain = await ask(t, `127.0.0.1:${port}`, '/')
  assert.equal(plain.status, 400)
  assert.match(plain.body.toString(), /The plain HTTP request was sent to HTTPS port/)
})

test('the PROXY protocol is needed where it is said, and one that is broken ends the connection', async t => {
  const app = await startRecorder(t)
  const port = await freePort()
  await start(t, `server { listen 127.0.0.1:${port} proxy_protocol; ${pass(app.address)} }`)
  const client = net.connect(port, '127.0.0.1')
  t.after(() => client.destroy())
  client.write('PROXY TCP4 192.0.2.9 192.0.2.1 7 80\r\nGET /in HTTP/1.1\r\nHost: a\r\n\r\n')
  const [head] = (await once(client, 'data')) as [Buffer]
  assert.match(head.toString(), /^HTTP\/1\.1 200 /)
  const other = net.connect(port, '127.0.0.1')
  other.on('error', () => {})
  other.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  other.on('data', () => assert.fail('nothing may be answered'))
  await new Promise(resolve => other.once('close', resolve))
})

test('heads: a line may be as long as one buffer, all of them as long as all; the page is the file’s', async t => {
  const port = await freePort()
  await start(
    t,
    `server { listen 127.0.0.1:${port}; large_client_header_buffers 2 1k; location / { return 200 ok; }
       error_page 494 = @large; location @large { return 400 "too large, says the file"; } }`,
  )
  const get = async (target: string, ...lines: string[]) => {
    const { status, body } = await ask(t, `127.0.0.1:${port}`, target, ...lines)
    return `${status} ${body.toString().slice(0, 24)}`
  }
  const long = 'x'.repeat(900)
  assert.equal(await get(`/${long}`, `A: ${long}`), '200 ok')
  assert.match(await get(`/${long}${long}`), /^414 /)
  assert.equal(await get('/', `A: ${long}${long}`), '400 too large, says the file')
  assert.equal(await get('/', `A: ${long}`, `B: ${long}`, `C: ${long}`), '400 too large, says the file')
})

test('heads: as many fields as the server says that is asked; those that are dropped do not count', async t => {
  const port = await freePort()
  await start(
    t,
    `server { listen 127.0.0.1:${port}; return 200 first; }
     server { listen 127.0.0.1:${port}; server_name few; max_headers 3; return 200 few; }`,
  )
  const client = await connectRaw(t, `127.0.0.1:${port}`)
  const get = async (host: string, ...lines: string[]) => {
    const fields = [`Host: ${host}`, ...lines].map(line => `${line}\r\n`).join('')
    client.send(`GET / HTTP/1.1\r\n${fields}\r\n`)
    const { status, body } = await client.answer()
    return `${status} ${body}`
  }
  assert.equal(await get('few', 'A: 1', 'B: 1', 'not_valid: 1'), '200 few')
  assert.equal(await get('other', 'A: 1', 'B: 1', 'C: 1'), '200 first')
  assert.match(await get('few', 'A: 1', 'A: 2', 'A: 3'), /^400 .*Request Header Or Cookie Too Large/s)
  await client.ended()
})

test('a place’s client_body_timeout holds for its uploads', async t => {
  const app = await startRecorder(t)
  const port = await freePort()
  await start(
    t,
    `server { listen 127.0.0.1:${port}; client_body_timeout 1h;
       location /quick { client_body_timeout 300ms; proxy_pass http://${app.address}; } }`,
  )
  const client = await connectRaw(t, `127.0.0.1:${port}`)
  client.send('POST /quick HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab')
  assert.equal((await client.answer('POST')).status, 408)
})

test('the pid file is there when it listens, names another place after HUP, and is gone after QUIT', async t => {
  const app = await startRecorder(t)
  const port = await freePort()
  const server = `server { listen 127.0.0.1:${port}; ${pass(app.address)} }`
  const whole = (pid: string) => `daemon off; pid ${pid}; events {} http { ${server} }`
  const { shield, file, change } = await start(t, whole('one.pid'))
  const path = (name: string) => join(file, '..', name)
  const pidOf = async (name: string): Promise<string> => {
    while (!existsSync(path(name)) || readFileSync(path(name), 'utf8') === '')
      await new Promise(resolve => setImmediate(resolve))
    return readFileSync(path(name), 'utf8')
  }
  assert.equal(await pidOf('one.pid'), `${shield.pid}\n`)
  change(whole('two.pid'))
  assert.equal(await pidOf('two.pid'), `${shield.pid}\n`)
  assert.equal(existsSync(path('one.pid')), false)
  shield.signal('SIGQUIT')
  assert.equal(await shield.exited, 0)
  assert.equal(existsSync(path('two.pid')), false)
})

test('a pid file and a log that cannot be written are warnings', async t => {
  const app = await startRecorder(t)
  const port = await freePort()
  const { shield } = await start(
    t,
    `pid /nowhere/a.pid; events {} http { server { listen 127.0.0.1:${port}; ${pass(app.address)} } }`,
  )
  await shield.logLine(line => line.level === 'warn' && line.path === '/nowhere/a.pid', 'the warning')
  assert.equal((await ask(t, `127.0.0.1:${port}`, '/a')).status, 200)
})

test('user: root’s privileges are given up once the ports are bound, and are nobody else’s to give up', async t => {
  const app = await startRecorder(t)
  const port = await freePort()
  const root = process.getuid?.() === 0
  const { shield } = await start(
    t,
    `user nobody nogroup; events {} http { server { listen 127.0.0.1:${port}; ${pass(app.address)} } }`,
  )
  if (root) await shield.logLine(line => line.user === 'nobody', 'the change of user')
  const ids = /^Uid:\s+(\d+)\s+(\d+)\s+(\d+)/m.exec(readFileSync(`/proc/${shield.pid}/status`, 'utf8'))!
  const nobody = /^nobody:[^:]*:(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8'))![1]!
  const wanted = root ? nobody : String(process.getuid?.())
  assert.deepEqual(ids.slice(1), [wanted, wanted, wanted])
  // What it needs for a large body it can still have.
  const client = await connectRaw(t, `127.0.0.1:${port}`)
  const body = 'x'.repeat(900_000)
  client.send(`POST /big HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
  assert.equal((await client.answer('POST')).status, 200)
})

test('HUP under load: places come and go, one stays, and not a request is lost', async t => {
  const app = await startRecorder(t)
  const [stays, goes, comes] = [await freePort(), await freePort(), await freePort()]
  const server = (port: number) => `server { listen 127.0.0.1:${port}; ${pass(app.address)} }\n`
  const { shield, change } = await start(t, server(stays) + server(goes))
  let done = false
  let served = 0
  const load = Array.from({ length: 4 }, async (_, client) => {
    const kept = await connectRaw(t, `127.0.0.1:${stays}`)
    while (!done) {
      assert.equal((await kept.request('GET', `/kept/${client}`).answer()).status, 200)
      assert.equal((await ask(t, `127.0.0.1:${stays}`, `/new/${client}`)).status, 200)
      served += 2
    }
  })
  const leaving = await connectRaw(t, `127.0.0.1:${goes}`)
  assert.equal((await leaving.request('GET', '/before').answer()).status, 200)
  for (let nth = 1; nth <= 3; nth++) {
    change(nth % 2 === 1 ? server(comes) + server(stays) : server(stays) + server(goes))
    await shield.log.until(() => shield.lines('reload').length >= nth, `reload ${nth}`)
    const open = nth % 2 === 1 ? comes : goes
    assert.equal((await ask(t, `127.0.0.1:${open}`, '/there')).status, 200)
  }
  // A connection of a place that has gone is served once more, and then told to leave.
  const before = served
  while (served < before + 20) await new Promise(resolve => setImmediate(resolve))
  done = true
  await Promise.all(load)
  const refused = net.connect(goes, '127.0.0.1')
  const [error] = (await once(refused, 'error')) as [NodeJS.ErrnoException]
  assert.equal(error.code, 'ECONNREFUSED')
})

for (const cores of ['1', '2']) {
  test(`a server may have one address of a port at which others have them all, on ${cores} core(s)`, async t => {
    const port = await freePort()
    const { cert, key } = new Certificates(t).of('a.example')
    const server = (host: string, says: string, more = '') =>
      `server { listen ${host}${port}${more}; return 200 ${says}; }\n`
    const secure = `ssl_certificate ${cert}; ssl_certificate_key ${key};\n`
    const { shield, change } = await start(
      t,
      secure + server('', 'all') + server('127.0.0.2:', 'two') + server('127.0.0.3:', 'three', ' ssl'),
      ['--cores', cores],
    )
    const said = async (host: string) => (await ask(t, `${host}:${port}`, '/')).body.toString()
    assert.deepEqual(await Promise.all(['127.0.0.1', '127.0.0.2'].map(said)), ['all', 'two'])
    const client = tls.connect({ port, host: '127.0.0.3', rejectUnauthorized: false })
    client.write('GET / HTTP/1.0\r\n\r\n')
    client.setEncoding('latin1')
    const text = (await client.toArray()).join('')
    assert.match(text, /\r\n\r\nthree$/)
    const kept = await connectRaw(t, `127.0.0.2:${port}`)
    assert.equal((await kept.request('GET', '/').answer()).body.toString(), 'two')

    change(server('127.0.0.4:', 'four') + server('', 'ALL') + server('127.0.0.3:', 'plain'))
    await shield.log.until(() => shield.lines('reload').length === 1, 'the reload')
    assert.deepEqual(
      shield.lines('reload')[0]!.listening,
      ['127.0.0.4', '0.0.0.0', '127.0.0.3'].map(host => `${host}:${port}`),
    )
    const now = await Promise.all(['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4'].map(said))
    assert.deepEqual(now, ['ALL', 'ALL', 'plain', 'four'])
    assert.equal((await kept.request('GET', '/').answer()).status, 200)
    assert.equal(await kept.ended(), 'fin', 'its place has gone')
  })
}

test('a broken file keeps the old one in force, and says where it is broken in one line', async t => {
  const app = await startRecorder(t)
  const port = await freePort()
  const server = `server { listen 127.0.0.1:${port}; ${pass(app.address)} }`
  const { shield, file, change } = await start(t, server)
  change(`${server}\nbogus on;`)
  const line = await shield.logLine(({ level }) => level === 'error', 'the refusal')
  assert.deepEqual(line.problems, [`unknown directive "bogus" in ${file}:2`])
  assert.equal((await ask(t, `127.0.0.1:${port}`, '/a')).status, 200)
  assert.equal(shield.lines('reload').length, 0)
})

test('a place that is taken refuses the new file, and what it would have added is closed again', async t => {
  const app = await startRecorder(t)
  const [port, fresh] = [await freePort(), await freePort()]
  const taken = net.createServer().listen(0, '127.0.0.1')
  t.after(() => taken.close())
  await once(taken, 'listening')
  const server = (at: number) => `server { listen 127.0.0.1:${at}; ${pass(app.address)} }\n`
  const { shield, change } = await start(t, server(port))
  change(server(port) + server(fresh) + server((taken.address() as net.AddressInfo).port))
  await shield.logLine(line => String(line.msg).startsWith('reload failed'), 'the failure')
  assert.equal((await ask(t, `127.0.0.1:${port}`, '/a')).status, 200)
  const client = net.connect(fresh, '127.0.0.1')
  const [error] = (await once(client, 'error')) as [NodeJS.ErrnoException]
  assert.equal(error.code, 'ECONNREFUSED')
})
