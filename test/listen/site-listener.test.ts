// A site's listeners with real sockets and real certificates: who is served with which certificate, what is known of a
// connection, and what is turned away.

import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import tls from 'node:tls'
import { Clock, now } from '../../src/clock.ts'
import type { Address } from '../../src/config/config.ts'
import { readSite } from '../../src/config/nginx/read-site.ts'
import type { SiteConfig } from '../../src/config/nginx/site.ts'
import { AcceptedConnection } from '../../src/listen/accepted-connection.ts'
import { EdgeFacts } from '../../src/listen/connection-facts.ts'
import type { Entrance } from '../../src/listen/entrance.ts'
import type { Greeting } from '../../src/listen/greeting.ts'
import { listenAt } from '../../src/listen/site-listener.ts'
import { checkTerms, SiteTerms } from '../../src/listen/site-terms.ts'
import { hear } from '../../src/socket/byte-stream.ts'
import { Certificates } from '../support/certificates.ts'
import { Journal } from '../support/journal.ts'

const LIMITS = {
  maxHeader: 32_768,
  keepaliveTimeout: 920_000,
  headerTimeout: 30_000,
  bodyTimeout: 60_000,
  sendTimeout: 60_000,
}

class Site {
  readonly config: SiteConfig
  readonly accepted = new Journal<AcceptedConnection>('accepted', each => each.peer)
  readonly lost = new Journal<string>('lost')
  readonly clock = new Clock()
  readonly greetings = new Set<Greeting>()
  address: Address & { kind: 'tcp' } = { kind: 'tcp', host: '', port: 0 }

  constructor(config: SiteConfig) {
    this.config = config
  }

  async open(t: TestContext): Promise<void> {
    const { servers, listens } = this.config
    const choose = (name: string) =>
      servers.find(({ names }) => names.some(each => each.name === name)) ?? servers[0]!
    const entrance: Entrance = {
      place: 0,
      listen: { ...listens[0]!, address: { kind: 'tcp', host: '127.0.0.1', port: 0 } },
      limits: LIMITS,
      terms: listens[0]!.ssl ? new SiteTerms(this.config).chooser(0, choose) : null,
      facts: (edge, arrived) => new EdgeFacts(edge, arrived),
      guests: null,
      closed: false,
    }
    const listener = await listenAt(
      entrance,
      {
        clock: this.clock,
        makeRoom: () => true,
        newcomer: greeting => void this.greetings.add(greeting),
        accept: (accepted, greeting) => {
          if (greeting !== null) this.greetings.delete(greeting)
          const connection = new AcceptedConnection(accepted, LIMITS)
          hear(connection.socket, { received() {}, ended() {}, closed() {} })
          t.after(() => connection.raw.destroy())
          this.accepted.push(connection)
        },
        lost: (greeting, why) => {
          this.greetings.delete(greeting)
          this.lost.push(why ?? 'left')
        },
      },
      false,
    )
    t.after(() => {
      listener.close()
      for (const greeting of this.greetings) greeting.cut()
    })
    this.address = listener.address as Address & { kind: 'tcp' }
  }

  /** The connection that comes next, once its handshake has ended. */
  async next(nth = 1): Promise<AcceptedConnection> {
    await this.accepted.until(() => this.accepted.entries.length >= nth, `connection ${nth}`)
    return this.accepted.entries[nth - 1]!
  }
}

async function siteOf(t: TestContext, folder: string, text: string): Promise<Site> {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'nginx.conf')
  writeFileSync(path, text)
  const { site, remarks } = readSite({ path })
  assert.ok(site !== null, JSON.stringify(remarks))
  const open = new Site(site)
  await open.open(t)
  return open
}

async function connectTls(
  t: TestContext,
  site: Site,
  options: tls.ConnectionOptions,
): Promise<tls.TLSSocket> {
  const { host, port } = site.address
  const client = tls.connect({ host, port, rejectUnauthorized: false, ...options })
  client.on('error', () => {})
  t.after(() => client.destroy())
  await once(client, 'secureConnect')
  return client
}

const nameOf = (client: tls.TLSSocket): unknown => client.getPeerCertificate().subject?.CN

test('each name has its server’s certificate and protocols, others the default’s', async t => {
  const certificates = new Certificates(t)
  for (const name of ['a.example', 'b.example']) certificates.of(name)
  const site = await siteOf(
    t,
    certificates.folder,
    `
    server { listen 127.0.0.1:1 ssl; server_name a.example; ssl_certificate a.example.crt; ssl_certificate_key a.example.key; }
    server { listen 127.0.0.1:1; server_name b.example; ssl_certificate b.example.crt; ssl_certificate_key b.example.key;
             ssl_protocols TLSv1.2; ssl_ciphers HIGH:!aNULL:!MD5; }
    server { listen 127.0.0.1:1; server_name c.example; }`,
  )
  const [a, b, c, none] = [
    await connectTls(t, site, { servername: 'a.example' }),
    await connectTls(t, site, { servername: 'b.example' }),
    await connectTls(t, site, { servername: 'c.example' }),
    await connectTls(t, site, {}),
  ]
  assert.deepEqual([a, b, c, none].map(nameOf), ['a.example', 'b.example', 'a.example', 'a.example'])
  assert.deepEqual([a!.getProtocol(), b!.getProtocol()], ['TLSv1.3', 'TLSv1.2'])
  const facts = (await site.next(2)).facts()
  assert.equal(facts.tls('server_name'), 'b.example')
  assert.equal(facts.tls('protocol'), 'TLSv1.2')
  assert.match(facts.tls('cipher'), /^ECDHE-ECDSA-/)
  assert.match(facts.tls('ciphers'), /(?:^|:)TLS_AES_256_GCM_SHA384(?::|$)/)
  assert.equal(facts.tls('client_verify'), 'NONE')
  assert.equal(facts.tls('session_reused'), '.')
  assert.equal(facts.secure, true)
  assert.equal(facts.refusal(site.config.servers[1]!), null)
})

test('plain HTTP at a port of HTTPS comes through, and is known for what it is', async t => {
  const certificates = new Certificates(t)
  certificates.of('a')
  const site = await siteOf(
    t,
    certificates.folder,
    'server { listen 127.0.0.1:1 ssl; ssl_certificate a.crt; ssl_certificate_key a.key; }',
  )
  const client = net.connect(site.address)
  t.after(() => client.destroy())
  client.write('GET / HTTP/1.1\r\n')
  const facts = (await site.next()).facts()
  assert.equal(facts.secure, false)
  assert.equal(facts.refusal(site.config.servers[0]!), 497)
})

test('a client’s certificate: asked for, judged, told in nginx’s forms', async t => {
  const certificates = new Certificates(t)
  certificates.of('a')
  const good = certificates.of('good', '/C=DE/O=Örg, Inc/CN=good')
  const bad = certificates.alone('bad')
  const site = await siteOf(
    t,
    certificates.folder,
    `server { listen 127.0.0.1:1 ssl; ssl_certificate a.crt; ssl_certificate_key a.key;
              ssl_client_certificate authority.crt; ssl_verify_client on; }
     server { listen 127.0.0.1:1; server_name other; ssl_certificate a.crt; ssl_certificate_key a.key;
              ssl_client_certificate authority.crt; ssl_verify_client optional_no_ca; }`,
  )
  const [server, other] = site.config.servers
  const pem = ({ cert, key }: typeof good) => ({ cert: readFileSync(cert), key: readFileSync(key) })
  let nth = 0
  const factsOf = async (options: tls.ConnectionOptions) => {
    const client = await connectTls(t, site, { maxVersion: 'TLSv1.2', ...options })
    client.write('x')
    return (await site.next(++nth)).facts()
  }

  const none = await factsOf({})
  assert.deepEqual([none.tls('client_verify'), none.refusal(server!)], ['NONE', 496])

  const well = await factsOf(pem(good))
  assert.deepEqual([well.tls('client_verify'), well.refusal(server!)], ['SUCCESS', null])
  assert.equal(well.tls('client_s_dn'), 'CN=good,O=\\C3\\96rg\\, Inc,C=DE')
  assert.equal(well.tls('client_i_dn'), 'CN=authority')
  assert.match(well.tls('client_serial'), /^[0-9A-F]+$/)
  assert.match(well.tls('client_fingerprint'), /^[0-9a-f]{40}$/)
  assert.match(well.tls('client_cert'), /^-----BEGIN CERTIFICATE-----\n\t.*\n\t-----END CERTIFICATE-----$/s)
  assert.match(well.tls('client_escaped_cert'), /^-----BEGIN%20CERTIFICATE-----%0A/)
  assert.match(well.tls('client_v_end'), /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4} GMT$/)
  assert.equal(well.tls('client_v_remain'), '1')
  assert.equal(well.refusal(other!), null)

  const wrong = await factsOf(pem(bad))
  assert.deepEqual(
    [wrong.tls('client_verify'), wrong.refusal(server!)],
    ['FAILED:self-signed certificate', 495],
  )
  const suffered = await factsOf({ ...pem(bad), servername: 'other' })
  assert.equal(suffered.refusal(other!), null)
})

test('a handshake for a server that refuses them gets an alert', async t => {
  const certificates = new Certificates(t)
  certificates.of('a')
  const site = await siteOf(
    t,
    certificates.folder,
    `server { listen 127.0.0.1:1 ssl; ssl_reject_handshake on; }
     server { listen 127.0.0.1:1; server_name a; ssl_certificate a.crt; ssl_certificate_key a.key; }`,
  )
  const client = tls.connect({ ...site.address, servername: 'x', rejectUnauthorized: false })
  const [error] = (await once(client, 'error')) as [Error]
  assert.match(error.message, /unrecognized name/)
  assert.equal(nameOf(await connectTls(t, site, { servername: 'a' })), 'a')
})

test('certificates by name are read with the handshake; one that is not there refuses it', async t => {
  const certificates = new Certificates(t)
  certificates.of('a.example')
  const site = await siteOf(
    t,
    certificates.folder,
    'server { listen 127.0.0.1:1 ssl; ssl_certificate $ssl_server_name.crt; ssl_certificate_key $ssl_server_name.key; }',
  )
  assert.equal(nameOf(await connectTls(t, site, { servername: 'a.example' })), 'a.example')
  const client = tls.connect({ ...site.address, servername: 'none.example', rejectUnauthorized: false })
  await once(client, 'error')
})

test('certificates by map and geo of what a handshake says; each handshake looks at the files', async t => {
  const certificates = new Certificates(t)
  const [a] = ['a', 'b'].map(name => certificates.of(name))
  const site = await siteOf(
    t,
    certificates.folder,
    `map $ssl_server_name $by_name { default a; ~^(?<first>b)\\. $first; c.example $folder/b; }
     geo $remote_addr $folder { 127.0.0.1 ${certificates.folder}; }
     server { listen 127.0.0.1:1 ssl; ssl_certificate $by_name.crt; ssl_certificate_key $by_name.key; }`,
  )
  assert.deepEqual(checkTerms(site.config), [])
  const served = async (servername: string) => nameOf(await connectTls(t, site, { servername }))
  assert.deepEqual(
    [await served('x.example'), await served('b.example'), await served('c.example')],
    ['a', 'b', 'b'],
  )
  writeFileSync(a!.cert, readFileSync(join(certificates.folder, 'b.crt')))
  writeFileSync(a!.key, readFileSync(join(certificates.folder, 'b.key')))
  assert.equal(await served('x.example'), 'b')
  rmSync(a!.cert)
  const client = tls.connect({ ...site.address, servername: 'x.example', rejectUnauthorized: false })
  const [error] = (await once(client, 'error')) as [Error]
  assert.match(error.message, /internal error/)
  assert.match(site.lost.entries.at(-1)!, /cannot load certificate ".*a\.crt": there is no such file/)
})

test('clients are told of the authorities of ssl_client_certificate, each once, and believed by the others too', async t => {
  const certificates = new Certificates(t)
  certificates.of('a')
  const [told, silent] = [certificates.alone('told'), certificates.alone('silent')]
  writeFileSync(join(certificates.folder, 'twice.crt'), readFileSync(told.cert, 'utf8').repeat(2))
  const site = await siteOf(
    t,
    certificates.folder,
    `server { listen 127.0.0.1:1 ssl; ssl_certificate a.crt; ssl_certificate_key a.key; ssl_verify_client on;
              ssl_client_certificate twice.crt; ssl_trusted_certificate silent.crt; }
     server { listen 127.0.0.1:1; server_name anybody; ssl_certificate a.crt; ssl_certificate_key a.key;
              ssl_verify_client optional_no_ca; }`,
  )
  let nth = 0
  const verified = async ({ cert, key }: typeof told, options: tls.ConnectionOptions = {}) => {
    const pems = { cert: readFileSync(cert), key: readFileSync(key) }
    const client = await connectTls(t, site, { ...pems, maxVersion: 'TLSv1.2', ...options })
    client.write('x')
    return (await site.next(++nth)).facts().tls('client_verify')
  }
  assert.deepEqual([await verified(told), await verified(silent)], ['SUCCESS', 'SUCCESS'])
  assert.match(await verified(silent, { servername: 'anybody' }), /^FAILED:/)
  const said = spawn('openssl', ['s_client', '-connect', `${site.address.host}:${site.address.port}`])
  said.stdin.end()
  const text = (await said.stdout.toArray()).join('')
  assert.deepEqual(
    text.match(/(?<=client certificate CA names\n)(?:CN ?= ?.*\n)+/)?.[0].match(/told|silent/g),
    ['told'],
  )
})

test('the authority’s word on a certificate is sent where a file has it, and asked for', async t => {
  const certificates = new Certificates(t)
  certificates.of('a')
  const der = Buffer.from([0x30, 3, 0x0a, 1, 6])
  writeFileSync(join(certificates.folder, 'a.der'), der)
  const pair = 'ssl_certificate a.crt; ssl_certificate_key a.key; ssl_stapling_file a.der;'
  const site = await siteOf(
    t,
    certificates.folder,
    `server { listen 127.0.0.1:1 ssl; ${pair} ssl_stapling on; ssl_session_tickets off; ssl_session_cache shared:a:1m; }
     server { listen 127.0.0.1:1; server_name off; ${pair} }`,
  )
  const told = async (servername: string) => {
    const client = tls.connect({ ...site.address, servername, rejectUnauthorized: false, requestOCSP: true })
    t.after(() => client.destroy())
    client.on('error', () => {})
    const answer = once(client, 'OCSPResponse')
    await once(client, 'secureConnect')
    return (await answer)[0] as Buffer | null
  }
  assert.deepEqual([await told('on'), await told('off')], [der, null])
  assert.equal(nameOf(await connectTls(t, site, {})), 'a')
  writeFileSync(join(certificates.folder, 'a.der'), 'x')
  assert.match(checkTerms(site.config)[0]!.message, /a\.der" is no OCSP response in DER/)
})

for (const [text, variable] of [
  ['$http_host.crt', 'http_host'],
  ['$by_cookie.crt', 'cookie_a'],
  ['$set.crt', 'set'],
  ['/x/$1.crt', '1'],
  ['$time_local$hostname$by_name.crt', null],
] as const) {
  test(`before a handshake: ${text}`, t => {
    const certificates = new Certificates(t)
    const path = join(certificates.folder, 'nginx.conf')
    writeFileSync(
      path,
      `map $cookie_a $by_cookie { default x; } map $ssl_server_name $by_name { default x; ~(.) $1; }
       server { listen 127.0.0.1:1 ssl; set $set x; ssl_certificate ${text}; ssl_certificate_key ${text}; }`,
    )
    const [remark] = checkTerms(readSite({ path }).site!)
    if (variable === null) assert.equal(remark, undefined)
    else assert.match(remark!.message, new RegExp(`depends on "\\$${variable}", which is not known before`))
  })
}

test('before a handshake $host is the name of the server, which is worth a word', async t => {
  const certificates = new Certificates(t)
  certificates.of('www.example')
  const site = await siteOf(
    t,
    certificates.folder,
    'server { listen 127.0.0.1:1 ssl; server_name www.example; ssl_certificate $host.crt; ssl_certificate_key $host.key; }',
  )
  assert.equal(nameOf(await connectTls(t, site, { servername: 'other.example' })), 'www.example')
  const said = checkTerms(site.config)
  assert.deepEqual(
    said.map(({ level, message }) => [
      level,
      /"\$host" is the server's own name, "www\.example"/.test(message),
    ]),
    [
      ['warn', true],
      ['warn', true],
    ],
  )
})

test('the PROXY protocol before HTTP, and before TLS', async t => {
  const certificates = new Certificates(t)
  certificates.of('a')
  const site = await siteOf(
    t,
    certificates.folder,
    'server { listen 127.0.0.1:1 ssl proxy_protocol; ssl_certificate a.crt; ssl_certificate_key a.key; }',
  )
  const raw = net.connect(site.address)
  t.after(() => raw.destroy())
  raw.write('PROXY TCP4 192.0.2.1 192.0.2.2 5 443\r\n')
  const client = tls.connect({ socket: raw, servername: 'a', rejectUnauthorized: false })
  await once(client, 'secureConnect')
  const facts = (await site.next()).facts()
  assert.deepEqual(facts.proxied, {
    peer: '192.0.2.1',
    peerPort: 5,
    localAddress: '192.0.2.2',
    localPort: 443,
  })
  assert.equal(facts.peer, '127.0.0.1')

  const stranger = net.connect(site.address)
  stranger.on('error', () => {})
  stranger.write('GET / HTTP/1.1\r\n')
  await new Promise(resolve => stranger.once('close', resolve))
  assert.match(site.lost.entries[0]!, /PROXY/)
})

test('silence is not free: who says nothing is closed within the time for a head', async t => {
  const certificates = new Certificates(t)
  certificates.of('a')
  const site = await siteOf(
    t,
    certificates.folder,
    'server { listen 127.0.0.1:1 ssl; ssl_certificate a.crt; ssl_certificate_key a.key; }',
  )
  const client = net.connect(site.address)
  client.on('error', () => {})
  client.write(Buffer.from([22, 3]))
  await once(client, 'connect')
  while (site.greetings.size === 0) await new Promise(resolve => setImmediate(resolve))
  site.clock.tick(now() + 29_000)
  assert.equal(site.greetings.size, 1)
  site.clock.tick(now() + 31_000)
  if (!client.closed) await new Promise(resolve => client.once('close', resolve))
  assert.deepEqual(site.lost.entries, ['left'])
})

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`without tickets a session of ${version} is taken up where a cache has it, and nowhere else`, async t => {
    const certificates = new Certificates(t)
    certificates.of('a.example')
    const reused = async (says: string) => {
      const site = await siteOf(
        t,
        certificates.folder,
        `server { listen 127.0.0.1:1 ssl; server_name a.example; ssl_certificate a.example.crt; ssl_certificate_key a.example.key;
           ssl_protocols ${version}; ${says} }`,
      )
      const first = tls.connect({ ...site.address, rejectUnauthorized: false } as tls.ConnectionOptions)
      t.after(() => first.destroy())
      first.on('error', () => {})
      // Without one of them a client gets no session, or one that nobody knows.
      const session = await new Promise<Buffer | undefined>(resolve => {
        first.once('session', resolve)
        first.once('secureConnect', async () => {
          const { socket } = await site.next(1)
          first.once('data', () => resolve(first.getSession()))
          socket.write('after the handshake', 'latin1')
        })
      })
      const again = await connectTls(t, site, session === undefined ? {} : { session })
      const facts = (await site.next(2)).facts()
      assert.equal(again.isSessionReused(), facts.tls('session_reused') === 'r')
      assert.match(facts.tls('session_id'), again.isSessionReused() ? /^[\da-f]{64}$/ : /^(?:[\da-f]{64})?$/)
      return again.isSessionReused()
    }
    assert.equal(await reused('ssl_session_tickets off; ssl_session_cache shared:one:1m;'), true)
    assert.equal(await reused('ssl_session_tickets off; ssl_session_cache none;'), false)
    assert.equal(await reused('ssl_session_tickets off; ssl_session_cache shared:none:0;'), false)
    assert.equal(await reused('ssl_session_cache off;'), true)
  })
}

test('of two kinds of certificates each client gets what it can have, in nginx’s order where nothing is said', async t => {
  const certificates = new Certificates(t)
  certificates.of('ec')
  const rsa = ['-newkey', 'rsa:2048', '-nodes', '-keyout', 'rsa.key', '-out', 'rsa.crt', '-subj', '/CN=rsa']
  execFileSync('openssl', ['req', '-x509', ...rsa], { cwd: certificates.folder, stdio: 'ignore' })
  const site = await siteOf(
    t,
    certificates.folder,
    `server { listen 127.0.0.1:1 ssl; ssl_prefer_server_ciphers on; ssl_certificate rsa.crt; ssl_certificate_key rsa.key;
              ssl_certificate ec.crt; ssl_certificate_key ec.key; }`,
  )
  const seen = async (options: tls.ConnectionOptions) => {
    const client = await connectTls(t, site, options)
    return `${nameOf(client)} ${client.getCipher().name}`
  }
  assert.equal(await seen({ sigalgs: 'ECDSA+SHA256' }), 'ec TLS_AES_256_GCM_SHA384')
  assert.equal(await seen({ sigalgs: 'RSA-PSS+SHA256' }), 'rsa TLS_AES_256_GCM_SHA384')
  assert.equal(await seen({ maxVersion: 'TLSv1.2' }), 'ec ECDHE-ECDSA-AES256-GCM-SHA384')
  const ciphers = 'ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384'
  assert.equal(await seen({ maxVersion: 'TLSv1.2', ciphers }), 'rsa ECDHE-RSA-AES256-GCM-SHA384')
})
