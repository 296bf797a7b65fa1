import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { strftime } from '../../src/script/strftime.ts'

const EVERYTHING =
  '%a|%A|%b|%B|%c|%C|%d|%D|%e|%F|%h|%H|%I|%j|%k|%l|%m|%M|%n|%p|%P|%r|%R|%s|%S|%t|%T|%u|%w|%y|%Y|%z|%%'

test('dates are written as the C library writes them', () => {
  for (const at of [0, 951_827_696, 1_700_000_000, 1_798_761_599]) {
    const words = ['-u', '-d', `@${at}`, `+${EVERYTHING}`]
    const theirs = execFileSync('date', words, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } })
    assert.equal(strftime(EVERYTHING, at * 1000, true), theirs.slice(0, -1), String(at))
  }
  assert.equal(strftime('%Z %Q %', 0, true), 'GMT %Q %')
})
