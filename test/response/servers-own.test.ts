import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HeaderList } from '../../src/http1/headers.ts'
import { isServersOwn } from '../../src/response/servers-own.ts'

function fields(...all: [name: string, value: string][]): HeaderList {
  const list = new HeaderList()
  for (const [name, value] of all) list.add(name, value)
  return list
}

const close = ['Connection', 'close'] as [string, string]
const html = ['Content-Type', 'text/html'] as [string, string]
const length = ['Content-Length', '141'] as [string, string]

test('gunicorn’s own error answer is known by its three fields', () => {
  assert.ok(isServersOwn(fields(close, html, length)))
})

test('an app’s is another: gunicorn adds Server and Date, frameworks a character set', () => {
  assert.ok(!isServersOwn(fields(['Server', 'gunicorn'], ['Date', 'x'], close, html, length)))
  assert.ok(!isServersOwn(fields(close, ['Content-Type', 'text/html; charset=utf-8'], length)))
  assert.ok(!isServersOwn(fields(html, length)))
})
