import assert from 'node:assert/strict'
import { test } from 'node:test'
import { USUAL_TERMS } from '../../src/upstream/balance/standing.ts'
import { serviceName, termsAt } from '../../src/upstream/services.ts'

test('a word without a dot is a service over TCP', () => {
  assert.equal(serviceName('http', 'app.test'), '_http._tcp.app.test')
  assert.equal(serviceName('_http._tcp', 'app.test'), '_http._tcp.app.test')
  assert.equal(serviceName('blue.web', 'app.test'), 'blue.web.app.test')
})

test('who does not come first is a backup, and a weight in the file is worth more than a record’s', () => {
  const told = (weight: number, first: boolean) => ({ server: 'a', weight, first })
  const at = (terms: object, weight: number, first: boolean) => {
    const found = termsAt({ ...USUAL_TERMS, ...terms }, told(weight, first))
    return found && [found.weight, found.backup]
  }
  assert.deepEqual(at({}, 5, true), [5, false])
  assert.deepEqual(at({}, 5, false), [5, true])
  assert.deepEqual(at({ weight: 3 }, 5, true), [3, false])
  assert.deepEqual(at({ backup: true }, 5, true), [5, true])
  assert.equal(at({ backup: true }, 5, false), null)
})
