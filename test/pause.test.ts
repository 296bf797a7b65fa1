import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pause } from '../src/pause.ts'

function rig() {
  const heard: string[] = []
  const admission = {
    pause: (words: string | null) => void heard.push(`pause ${words}`),
    resume: () => void heard.push('resume'),
  }
  const log = {
    info: (fields: object, msg: string) => void heard.push(`info ${msg} ${JSON.stringify(fields)}`),
    warn: (fields: object, msg: string) => void heard.push(`warn ${msg} ${JSON.stringify(fields)}`),
  }
  return { heard, pause: new Pause(admission, log as never) }
}

test('a pause ends by itself at its limit, with a warning', () => {
  const { heard, pause } = rig()
  pause.begin(30_000, 'back soon', 1_000)
  pause.tick(30_999)
  assert.deepEqual(pause.state, { since: 1_000, until: 31_000, message: 'back soon' })
  pause.tick(31_000)
  assert.equal(pause.state, null)
  assert.deepEqual(heard, [
    'pause back soon',
    'info paused {"for_ms":30000,"detail":"back soon"}',
    'warn resumed {"paused_ms":30000,"reason":"limit"}',
    'resume',
  ])
})

test('a second pause moves the limit of the first', () => {
  const { pause } = rig()
  pause.begin(30_000, null, 0)
  pause.begin(60_000, null, 20_000)
  assert.deepEqual(pause.state, { since: 0, until: 80_000, message: null })
})

test('to end what is not is harmless', () => {
  const { heard, pause } = rig()
  assert.equal(pause.end('asked'), false)
  pause.tick(1e9)
  assert.deepEqual(heard, [])
})
