import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../src/errors.ts'
import { Exchange } from '../../src/exchange.ts'
import { type Attempt, diedOfTimeout, lostAttempt, mayGoAgain } from '../../src/upstream/retry.ts'

interface Case extends Partial<Attempt> {
  method?: string
  attempts?: number
  left?: boolean
  workerTimeout?: number | null
  again: boolean
}

function goesAgain(situation: Case): boolean {
  const exchange = new Exchange('192.0.2.1', 0)
  exchange.method = situation.method ?? 'GET'
  exchange.attempts = situation.attempts ?? 1
  if (situation.left) exchange.leave(new Failure('client_left'))
  const attempt: Attempt = {
    failure: situation.failure ?? new Failure('worker_lost'),
    nothingSent: situation.nothingSent ?? false,
    ageMs: situation.ageMs ?? 50,
    silent: situation.silent ?? true,
    timedOut: false,
    full: false,
    resendable: situation.resendable ?? true,
  }
  return mayGoAgain(exchange, attempt, situation.workerTimeout ?? null)
}

const down = { nothingSent: true, failure: new Failure('upstream_down') }
const table: Record<string, Case> = {
  'a GET whose worker died at once': { again: true },
  'a GET whose second worker died too': { attempts: 2, again: false },
  'a GET whose client has left': { left: true, again: false },
  'a GET of which a byte of the answer had come': { silent: false, again: false },
  'a GET whose answer was not HTTP': { failure: new Failure('answer_invalid'), again: false },
  'a GET whose answer broke off': { failure: new Failure('answer_broken'), again: false },
  'a GET that met the read timeout': { failure: new Failure('read_timeout'), again: false },
  'a GET whose worker died just within 5 s': { ageMs: 4_999, again: true },
  'a GET whose worker died after 5 s': { ageMs: 5_000, again: false },
  'a GET whose worker died at the worker timeout': { ageMs: 3_000, workerTimeout: 3_000, again: false },
  'a GET whose worker died well before the worker timeout': { ageMs: 500, workerTimeout: 3_000, again: true },
  'a PUT that is whole in the spool': { method: 'PUT', again: true },
  'a PUT that was streamed': { method: 'PUT', resendable: false, again: false },
  'a POST whose worker died': { method: 'POST', again: false },
  'a PATCH whose worker died': { method: 'PATCH', again: false },
  'a method nobody knows': { method: 'FROBNICATE', again: false },
  'a method in lower case': { method: 'get', again: false },
  'a POST of which nothing was sent': { method: 'POST', ...down, again: true },
  'a streamed POST of which nothing was sent': { method: 'POST', resendable: false, ...down, again: true },
  'a request of which nothing was sent for the tenth time': { attempts: 9, ...down, again: true },
  'one of which nothing was sent, and whose client has left': { left: true, ...down, again: false },
}
for (const method of ['HEAD', 'OPTIONS', 'TRACE', 'DELETE']) {
  table[`a ${method} whose worker died`] = { method, again: true }
}

for (const [name, situation] of Object.entries(table)) {
  test(`${name} ${situation.again ? 'goes again' : 'does not go again'}`, () => {
    assert.equal(goesAgain(situation), situation.again)
  })
}

for (const [ageMs, workerTimeout, died] of [
  [30_000, null, false],
  [30_000, 30_000, true],
  [28_000, 30_000, true],
  [27_999, 30_000, false],
  [32_000, 30_000, true],
  [32_001, 30_000, false],
  // With a short timeout the window must not reach back to deaths at once.
  [1_000, 1_000, true],
  [499, 1_000, false],
] as const) {
  test(`dying at ${ageMs} ms with a worker timeout of ${workerTimeout} is ${died ? '' : 'not '}its doing`, () => {
    assert.equal(diedOfTimeout(ageMs, workerTimeout), died)
  })
}

test('an attempt tells what its loss says', () => {
  const failure = new Failure('upstream_down')
  const loss = { how: 'connect', nothingSent: true, headSeen: false, received: 0, ageMs: 0 } as const
  const said = (code: string) => {
    const { nothingSent, silent, timedOut, full } = lostAttempt(failure, { ...loss, code }, true)
    return [nothingSent, silent, timedOut, full]
  }
  assert.deepEqual(said('ECONNREFUSED'), [true, true, false, false])
  assert.deepEqual(said('ETIMEDOUT'), [true, true, true, false])
  assert.deepEqual(said('EAGAIN'), [true, true, false, true])
  const late = lostAttempt(
    failure,
    { ...loss, how: 'timeout', nothingSent: false, received: 3, code: '' },
    false,
  )
  assert.deepEqual([late.silent, late.timedOut, late.full, late.resendable], [false, true, false, false])
})
