import assert from 'node:assert/strict'
import { test } from 'node:test'
import { problems, siteOf } from '../reading.ts'

test('methods are written in any case, and off is none of them', t => {
  const { servers } = siteOf(
    t,
    'server { dav_methods put Delete MKCOL; location /a { } location /b { dav_methods off; } }',
  )
  const [inherited, off] = servers[0]!.locations.map(({ settings }) => settings.davMethods)
  assert.deepEqual(inherited, ['PUT', 'DELETE', 'MKCOL'])
  assert.deepEqual(off, [])
})

test('a mode is put together from who may do what', t => {
  const modeOf = (line: string) => siteOf(t, `server { ${line} }`).servers[0]!.settings.davAccess.toString(8)
  assert.equal(modeOf(''), '600')
  assert.equal(modeOf('dav_access group:rw all:r;'), '664')
  assert.equal(modeOf('dav_access user:r;'), '400')
  assert.equal(modeOf('dav_access user:rw group:rw all:rw;'), '666')
})

test('what is wrong is said in nginx’s words', t => {
  const wrong = {
    'dav_methods GET;': 'invalid value "GET"',
    'dav_access user:w;': 'invalid value "user:w"',
    'dav_access other:r;': 'invalid value "other:r"',
    'min_delete_depth x;': '"min_delete_depth" directive invalid number',
  }
  for (const [line, problem] of Object.entries(wrong))
    assert.deepEqual(problems(t, `${line} server { }`), [problem], line)
})
