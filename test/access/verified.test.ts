import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UnknownFormat } from '../../src/access/passwords.ts'
import { Verified } from '../../src/access/verified.ts'

const LINE = '$apr1$salt$Xxd1irWT9ycqoYxGFn4cb.'
const wanted = () => true

test('a password that fitted fits again at once; another does not, nor the same for another line', async () => {
  const verified = new Verified()
  assert.equal(await verified.fits('password', LINE, wanted), true)
  // Nobody is asked any more: there is no check that could be left out.
  assert.equal(await verified.fits('password', LINE, () => false), true)
  assert.equal(await verified.fits('passwor', LINE, wanted), false)
  assert.equal(await verified.fits('password', '{PLAIN}other', wanted), false)
})

test('a check that nobody waits for any more is left out', async () => {
  assert.equal(await new Verified().fits('password', LINE, () => false), false)
})

test('one that fails does not keep the others from theirs', async () => {
  const verified = new Verified()
  const checks = [verified.fits('a', '$y$j$x', wanted), verified.fits('password', LINE, wanted)]
  await assert.rejects(checks[0]!, UnknownFormat)
  assert.equal(await checks[1], true)
})
