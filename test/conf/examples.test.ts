// The example files in conf/examples pass -t without a warning, certificates and all; the systemd unit runs what there is.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readArguments } from '../../src/cli/arguments.ts'
import { main } from '../../src/cli/main.ts'
import { environmentName } from '../../src/config/option.ts'
import { OPTIONS } from '../../src/config/options.ts'
import { FakeIo } from '../cli/fakes.ts'
import { Certificates } from '../support/certificates.ts'

const conf = fileURLToPath(new URL('../../conf/', import.meta.url))
const examples = readdirSync(join(conf, 'examples')).filter(name => name.endsWith('.conf'))

/** The example with certificates that there are. */
function usable(t: TestContext, name: string): string {
  const text = readFileSync(join(conf, 'examples', name), 'utf8')
  if (!text.includes('ssl_certificate')) return join(conf, 'examples', name)
  const certificates = new Certificates(t)
  const { cert, key } = certificates.of('example.org')
  const file = join(certificates.folder, name)
  const named = text
    .replaceAll('/etc/ssl/cloudflare/origin-pull-ca.pem', certificates.authority.cert)
    .replaceAll('/etc/ssl/cloudflare/origin.pem', cert)
    .replaceAll('/etc/ssl/cloudflare/origin.key', key)
  writeFileSync(file, named)
  return file
}

test('there are examples', () => assert.ok(examples.length >= 4))

for (const name of examples) {
  test(`conf/examples/${name} passes -t, with nothing to mind`, async t => {
    const io = new FakeIo()
    const file = usable(t, name)
    assert.equal(await main(['-t', '-c', file], {}, io), 0, io.stderr.text)
    assert.equal(
      io.stderr.text,
      `shieldproxy: the configuration file ${file} syntax is ok\nshieldproxy: configuration file ${file} test is successful\n`,
    )
  })
}

test('the systemd unit gives flags and variables that there are, and time for the drain', () => {
  const unit = readFileSync(join(conf, 'shieldproxy.service'), 'utf8')
  const values = (key: string) =>
    [...unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(match => match[1]!)
  for (const line of [...values('ExecStart'), ...values('ExecStartPre')]) {
    const words = line.split(' ')
    assert.deepEqual(words.slice(0, 2), ['/usr/bin/env', 'shieldproxy'])
    assert.deepEqual(readArguments(words.slice(2)).flags, { config: '/etc/shieldproxy/nginx.conf' })
  }
  const known = new Set(OPTIONS.map(environmentName))
  for (const line of values('Environment')) assert.ok(known.has(line.split('=')[0]!), line)
  assert.ok(Number(values('TimeoutStopSec')[0]) > 25)
})
