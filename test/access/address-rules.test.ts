import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ruleFor } from '../../src/access/address-rules.ts'
import type { AccessRule } from '../../src/config/nginx/modules/access.ts'
import { readRange } from '../../src/config/nginx/range.ts'

function rules(text: string): AccessRule[] {
  return text.split('; ').map(line => {
    const [word, who] = line.split(' ') as [string, string]
    const plain = who === 'all' || who === 'unix' ? who : readRange(who)!.range
    return { allow: word === 'allow', who: plain }
  })
}

test('the first rule that fits decides', () => {
  const list = rules('deny 192.168.1.1; allow 192.168.1.0/24; allow 2001:db8::/32; deny all')
  assert.equal(ruleFor(list, '192.168.1.1'), 'deny')
  assert.equal(ruleFor(list, '192.168.1.2'), 'allow')
  assert.equal(ruleFor(list, '2001:db8::9'), 'allow')
  assert.equal(ruleFor(list, '10.0.0.1'), 'deny')
  assert.equal(ruleFor(list, 'unix:'), 'deny')
})

test('where none fits there is no opinion', () => {
  assert.equal(ruleFor([], '10.0.0.1'), null)
  assert.equal(ruleFor(rules('allow 10.0.0.0/8'), '::1'), null)
  assert.equal(ruleFor(rules('deny 10.0.0.0/8'), 'unix:'), null)
  assert.equal(ruleFor(rules('allow unix'), '10.0.0.1'), null)
  assert.equal(ruleFor(rules('allow unix'), 'unix:'), 'allow')
})

test('an IPv4 client within IPv6 is judged by the rules for IPv4, where there are any', () => {
  assert.equal(ruleFor(rules('deny 127.0.0.1'), '::ffff:127.0.0.1'), 'deny')
  assert.equal(ruleFor(rules('deny ::/0; allow 127.0.0.1'), '::ffff:127.0.0.1'), 'allow')
  assert.equal(ruleFor(rules('deny ::/0'), '::ffff:127.0.0.1'), 'deny')
})
