import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OverloadNotice } from '../../src/groups/overload-notice.ts'

test('says when an overload begins and ends, and of one that comes again within a minute nothing', () => {
  const said: string[] = []
  let at = 0
  const write = (level: string) => (fields: { order?: string }, msg: string) =>
    void said.push(`${level} ${msg} ${fields.order}`)
  const log = { warn: write('warn'), info: write('info') } as never
  const notice = new OverloadNotice(log, {}, () => at)
  const once = ['warn overload newest_first', 'info overload fifo']
  notice.turned('newest_first', 80, 950.4)
  notice.turned('fifo', 0, 950.4)
  assert.deepEqual(said, once)
  at = 30_000
  notice.turned('newest_first', 80, null)
  notice.turned('fifo', 0, null)
  assert.deepEqual(said, once)
  at = 70_000
  notice.turned('newest_first', 80, null)
  notice.turned('fifo', 0, null)
  assert.deepEqual(said, [...once, ...once])
})
