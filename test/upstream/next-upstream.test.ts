import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  countsAgainst,
  mayTryNext,
  type NextSettings,
  type Tried,
  troubleOfLoss,
  troubleOfStatus,
} from '../../src/upstream/next-upstream.ts'

const USUAL: NextSettings = {
  nextUpstream: ['error', 'timeout'],
  nextUpstreamTries: 0,
  nextUpstreamTimeout: 0,
}
const FIRST: Tried = {
  trouble: 'error',
  method: 'GET',
  sent: true,
  resendable: true,
  tries: 1,
  left: 2,
  elapsedMs: 10,
}

function goes(settings: Partial<NextSettings>, tried: Partial<Tried> = {}): boolean {
  return mayTryNext({ ...USUAL, ...settings }, { ...FIRST, ...tried })
}

test('what the directive names goes to the next address, and what it does not name stays', () => {
  assert.equal(goes({}), true)
  assert.equal(goes({}, { trouble: 'timeout' }), true)
  assert.equal(goes({}, { trouble: 'invalid_header' }), false)
  assert.equal(goes({}, { trouble: 'http_500' }), false)
  assert.equal(goes({ nextUpstream: ['http_500'] }, { trouble: 'http_500' }), true)
  assert.equal(goes({ nextUpstream: ['http_500'] }), false)
  assert.equal(goes({ nextUpstream: ['error', 'off'] }), false)
})

test('each address is tried once, and no more often than the directive has it', () => {
  assert.equal(goes({}, { tries: 2, left: 1 }), true)
  assert.equal(goes({}, { tries: 3, left: 0 }), false)
  assert.equal(goes({ nextUpstreamTries: 2 }, { tries: 1 }), true)
  assert.equal(goes({ nextUpstreamTries: 2 }, { tries: 2 }), false)
  assert.equal(goes({ nextUpstreamTries: 9 }, { tries: 3, left: 0 }), false)
})

test('after its time no further one is tried', () => {
  assert.equal(goes({ nextUpstreamTimeout: 100 }, { elapsedMs: 99 }), true)
  assert.equal(goes({ nextUpstreamTimeout: 100 }, { elapsedMs: 100 }), false)
})

test('what must not be done twice is tried elsewhere only when nothing was sent, or the file says so', () => {
  for (const method of ['POST', 'LOCK', 'PATCH']) {
    assert.equal(goes({}, { method }), false, method)
    assert.equal(goes({}, { method, sent: false }), true, method)
    assert.equal(goes({ nextUpstream: ['error', 'non_idempotent'] }, { method }), true, method)
  }
  for (const method of ['PUT', 'DELETE', 'PROPFIND']) assert.equal(goes({}, { method }), true, method)
})

test('a body that is not at hand any more cannot be sent again', () => {
  assert.equal(goes({}, { resendable: false }), false)
  assert.equal(goes({}, { resendable: false, sent: false }), true)
})

test('statuses and losses have the names of the directive', () => {
  assert.deepEqual([500, 404, 429, 200, 501].map(troubleOfStatus), [
    'http_500',
    'http_404',
    'http_429',
    null,
    null,
  ])
  assert.equal(troubleOfLoss({ how: 'connect', code: 'ECONNREFUSED' }), 'error')
  assert.equal(troubleOfLoss({ how: 'connect', code: 'ETIMEDOUT' }), 'timeout')
  assert.equal(troubleOfLoss({ how: 'connect', code: 'ETLS' }), 'error')
  assert.equal(troubleOfLoss({ how: 'timeout', code: '' }), 'timeout')
  assert.equal(troubleOfLoss({ how: 'fin', code: '' }), 'error')
  assert.equal(troubleOfLoss({ how: 'protocol', code: '' }), 'invalid_header')
})

test('a connection that fails counts against the address, a status where it is named, 403 and 404 never', () => {
  for (const trouble of ['error', 'timeout', 'invalid_header'] as const)
    assert.equal(countsAgainst(trouble, { ...USUAL, nextUpstream: ['off'] }), true)
  const named = { ...USUAL, nextUpstream: ['http_500', 'http_429', 'http_403', 'http_404'] }
  assert.equal(countsAgainst('http_500', named), true)
  assert.equal(countsAgainst('http_429', named), true)
  assert.equal(countsAgainst('http_500', USUAL), false)
  assert.equal(countsAgainst('http_403', named), false)
  assert.equal(countsAgainst('http_404', named), false)
})
