// When the number of worker processes is told as a number of slots, and when it says nothing.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WorkerCount } from '../../src/supervise/worker-count.ts'

function told(command: string[], env: Record<string, string>, steps: (string | number)[]): number[] {
  const slots: number[] = []
  const count = new WorkerCount(command, env, each => slots.push(each))
  for (const step of steps) {
    if (typeof step === 'string') count.isOfClass(step)
    else count.look(step)
  }
  return slots
}
const gunicorn = ['gunicorn', 'app:app']

test('a number counts when it is seen twice in a row, and is told once', () =>
  assert.deepEqual(told(gunicorn, {}, [1, 3, 4, 4, 4, 8, 5, 4, 4, 5, 5, 0, 0, 5, 5]), [4, 5]))

test('threads multiply, wherever they are said', () => {
  assert.deepEqual(told([...gunicorn, '--threads', '3'], {}, ['threads', 2, 2]), [6])
  assert.deepEqual(told(gunicorn, { GUNICORN_CMD_ARGS: '--threads 2' }, ['gthread', 2, 2]), [4])
})

test('threads that only its file names make the number say nothing', () =>
  assert.deepEqual(told([...gunicorn, '-c', 'x.py'], {}, ['gthread', 2, 2]), []))

test('workers that take many requests at once are not counted', () => {
  assert.deepEqual(told([...gunicorn, '-k', 'gevent'], {}, [2, 2]), [])
  assert.deepEqual(told(gunicorn, {}, ['uvicorn.workers.UvicornWorker', 2, 2]), [])
})

test('another server’s processes are not counted, unless it says it is gunicorn', () => {
  assert.deepEqual(told(['node', 'cluster.js'], {}, [4, 4]), [])
  assert.deepEqual(told(['./start.sh'], {}, ['sync', 4, 4]), [4])
  assert.deepEqual(told(['./start.sh'], { GUNICORN_CMD_ARGS: '"' }, ['sync', 4, 4]), [4])
})
