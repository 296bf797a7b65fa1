import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ServerNames } from '../../src/route/server-names.ts'
import { askNginx, startNginx } from '../support/nginx.ts'
import { without } from '../support/servers.ts'
import { siteOf } from '../support/visit.ts'

const skip = without('nginx')

/** Lists of names, a server each; the first is the default. */
const TABLES: readonly (readonly string[])[] = [
  ['_', 'example.org www.example.org', '*.example.org', 'mail.*', '~^(?<who>.+)\\.example\\.net$'],
  ['a.test', '*.test', '*.b.test', '*.a.b.test', 'b.*', 'a.b.*', 'a.b.test'],
  ['x', '.dotted.test', 'sub.dotted.test', '*.sub.dotted.test'],
  ['x', '~^www\\d+\\.', '~^www1\\.', 'www2.example.com', '*.example.org', '~Upper'],
  ['x', '""', 'y'],
  ['x', 'same', 'same', '*.same', '*.same'],
  ['www.example.*', '*.com', 'www.*', '*.example.com'],
  ['EXAMPLE.org', '*.Example.ORG', 'mail.EXAMPLE.*'],
  // Of a name that is there already a word with a dot in front says nothing, not even of the names below it.
  ['x', 'b.test .b.test', '*.b.test'],
  ['x', '.b.test b.test', '*.b.test'],
  ['x', 'b.test', '.b.test *.a.b.test', '*.b.test'],
  ['x', '*.b.test', '.b.test', 'b.test'],
  ['x', '127.0.0.1', '~^127\\.', '[::1]'],
]

const HOSTS = [
  'example.org',
  'EXAMPLE.ORG',
  'example.org.',
  'example.org:8080',
  'www.example.org',
  'a.www.example.org',
  'mail.example.org',
  'mail.anything.at.all',
  'mail',
  'joe.example.net',
  'joe.blow.example.net',
  'a.test',
  'b.test',
  'a.b.test',
  'c.a.b.test',
  'c.b.test',
  'b.a.b.test',
  'a.b.c',
  'dotted.test',
  'x.dotted.test',
  'sub.dotted.test',
  'x.sub.dotted.test',
  'www1.example.com',
  'www2.example.com',
  'www33.example.org',
  'an.upper.one',
  'same',
  'x.same',
  'www.example.com',
  'www.example.co.uk',
  'www.example',
  'www.com',
  'mail.example.test',
  '127.0.0.1',
  '127.0.0.2:80',
  '[::1]:80',
  'unknown',
  '-',
  '_',
]

function hostOf(field: string): string {
  return field.toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '')
}

test('the server is the one that nginx chooses', { skip }, async t => {
  for (const names of TABLES) {
    const text = names
      .map((each, i) => `server { listen 127.0.0.1:PORT; server_name ${each}; return 200 "${i} $who"; }`)
      .join('\n')
    // nginx knows the variable only where some name captures it.
    const nginx = await startNginx(t, text.includes('?<who>') ? text : text.replaceAll('$who', ''))
    const found = new ServerNames(siteOf(t, text.replaceAll('PORT', '8080')).servers)
    for (const host of HOSTS) {
      const { body } = await askNginx(nginx, '/', { fields: { Host: host } })
      const { server, captures } = found.find(hostOf(host))
      const [op] = server.rewrites
      assert.ok(op?.op === 'return')
      const index = op.text!.text.split(' ')[0]
      assert.equal(`${index} ${captures?.groups?.who ?? ''}`, body, `${host} among ${names.join(' | ')}`)
    }
  }
})

test('of two servers with one name the first in the file has it, whichever is the default', {
  skip,
}, async t => {
  const text = `
    server { listen 127.0.0.1:PORT; server_name a ~^c; return 200 "0"; }
    server { listen 127.0.0.1:PORT default_server; server_name a b ~c; return 200 "1"; }`
  const nginx = await startNginx(t, text)
  const site = siteOf(t, text.replaceAll('PORT', '8080'))
  const [first, second] = site.servers
  const found = new ServerNames([first!, second!], second)
  for (const host of ['a', 'b', 'cc', 'd']) {
    const { body } = await askNginx(nginx, '/', { fields: { Host: host } })
    assert.equal(String(site.servers.indexOf(found.find(host).server)), body, host)
  }
})

test('no host at all is the name of those that have none', { skip }, async t => {
  const text = `
    server { listen 127.0.0.1:PORT; server_name a; return 200 "0"; }
    server { listen 127.0.0.1:PORT; return 200 "1"; }
    server { listen 127.0.0.1:PORT; server_name ""; return 200 "2"; }
    server { listen 127.0.0.1:PORT; server_name ~.; return 200 "3"; }
    server { listen 127.0.0.1:PORT; server_name *.b; return 200 "4"; }`
  const found = new ServerNames(siteOf(t, text.replaceAll('PORT', '8080')).servers)
  const [op] = found.find('').server.rewrites
  const nginx = await startNginx(t, text)
  const { body } = await askNginx(nginx, '/', { version: '1.0', fields: { Host: null } })
  assert.equal(op?.op === 'return' ? op.text?.text : null, body)
})

test('a pattern that cannot be is an error in words', t => {
  const { servers } = siteOf(t, 'server { server_name "~(a"; }')
  assert.throws(() => new ServerNames(servers), /\(a/)
})
