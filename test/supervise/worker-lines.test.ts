// gunicorn's words on its workers, as its versions write them (gunicorn/arbiter.py), and what must not be taken for them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readWorkerLine, type WorkerEvent } from '../../src/supervise/worker-lines.ts'

const at = '[2026-11-21 10:27:46 +0000] [1101]'
const cases: [line: string, event: WorkerEvent | null][] = [
  [`${at} [CRITICAL] WORKER TIMEOUT (pid:59)`, { kind: 'timeout', pid: 59 }],
  [`${at} [INFO] Booting worker with pid: 1110`, { kind: 'booting', pid: 1110 }],
  [`${at} [INFO] Worker exiting (pid: 1110)`, { kind: 'exiting', pid: 1110 }],
  // 20.1
  [
    `${at} [WARNING] Worker with pid 7 was terminated due to signal 6`,
    { kind: 'signalled', pid: 7, signal: 'SIGABRT' },
  ],
  [
    `${at} [WARNING] Worker with pid 7 was terminated due to signal 35`,
    { kind: 'signalled', pid: 7, signal: 'signal 35' },
  ],
  // 21 to 26
  [`${at} [ERROR] Worker (pid:59) was sent SIGTERM!`, { kind: 'signalled', pid: 59, signal: 'SIGTERM' }],
  [
    `${at} [ERROR] Worker (pid:59) was sent SIGKILL! Perhaps out of memory?`,
    { kind: 'signalled', pid: 59, signal: 'SIGKILL' },
  ],
  [`${at} [ERROR] Worker (pid:59) exited with code 1`, { kind: 'exited', pid: 59, status: 1 }],
  [`${at} [ERROR] Worker (pid:59) exited with code 255.`, { kind: 'exited', pid: 59, status: 255 }],
  [`${at} [INFO] Using worker: sync`, { kind: 'class', name: 'sync' }],
  [
    `${at} [INFO] Using worker: uvicorn.workers.UvicornWorker`,
    { kind: 'class', name: 'uvicorn.workers.UvicornWorker' },
  ],
  // Other formats: the message alone, at the end of one's own, in JSON, with a carriage return.
  ['WORKER TIMEOUT (pid:59)', { kind: 'timeout', pid: 59 }],
  ['critical | gunicorn.error | WORKER TIMEOUT (pid:59)\r', { kind: 'timeout', pid: 59 }],
  ['{"time":"x","message":"WORKER TIMEOUT (pid:59)","pid":1}', { kind: 'timeout', pid: 59 }],
  // What clients and apps can write.
  ['127.0.0.1 - - [..] "GET /WORKER TIMEOUT (pid:59) HTTP/1.1" 404 9 "-" "Worker exiting (pid: 5)"', null],
  ['a request about WORKER TIMEOUT (pid:59) came', null],
  [`WORKER TIMEOUT (pid:59)${' '.repeat(2000)}`, null],
  ['{"message":', null],
  ['"WORKER"}', null],
  ['worker', null],
  ['', null],
]
for (const [line, event] of cases)
  test(JSON.stringify(line.slice(0, 90)), () => assert.deepEqual(readWorkerLine(line), event))

test('what a client wrote into another field of a structured line says nothing of a worker', () => {
  const line = (field: string) => JSON.stringify({ level: 'info', [field]: 'WORKER TIMEOUT (pid:7)' })
  assert.equal(readWorkerLine(line('path')), null)
  assert.deepEqual(readWorkerLine(line('message')), { kind: 'timeout', pid: 7 })
})
