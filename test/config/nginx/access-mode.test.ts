import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readAccessMode } from '../../../src/config/nginx/access-mode.ts'

const at = { file: 'nginx.conf', line: 1 }

function read(text: string): string {
  const problems: string[] = []
  const node = { name: 'x', args: text.split(' '), at, block: null }
  const reading = { problem: (message: string) => problems.push(message) }
  type Arguments = Parameters<typeof readAccessMode>
  const mode = readAccessMode(node as unknown as Arguments[0], reading as unknown as Arguments[1])
  return problems.join() || mode!.toString(8)
}

test('who is not named has nothing, but for the owner', () => {
  assert.equal(read('group:rw all:r'), '664')
  assert.equal(read('user:r'), '400')
  assert.equal(read('user:rw group:rw all:rw'), '666')
})

test('what is no right, and who is nobody', () => {
  assert.equal(read('user:w'), 'invalid value "user:w"')
  assert.equal(read('other:r'), 'invalid value "other:r"')
  assert.equal(read('all'), 'invalid value "all"')
})
