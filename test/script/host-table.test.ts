import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HostTable } from '../../src/script/host-table.ts'

test('whole names before endings, endings before beginnings, the longest of each', () => {
  const table = new HostTable<string>()
  assert.ok(table.isEmpty)
  const names = [
    'example.org',
    '*.example.org',
    '.sub.example.org',
    'www.*',
    'www.example.*',
    'a.example.org',
  ]
  for (const name of names) table.add(name, name)
  table.addWhole('*.literal', 'literal')
  const found = 'example.org a.example.org b.example.org x.y.sub.example.org sub.example.org www.example.org'
  assert.deepEqual(
    found.split(' ').map(name => table.find(name)),
    [
      'example.org',
      'a.example.org',
      '*.example.org',
      '.sub.example.org',
      '.sub.example.org',
      '*.example.org',
    ],
  )
  assert.equal(table.find('www.example.net'), 'www.example.*')
  assert.equal(table.find('www.other.net'), 'www.*')
  assert.equal(table.find('www'), undefined)
  assert.equal(table.find('org'), undefined)
  assert.equal(table.find('x.literal'), undefined)
  assert.equal(table.find('*.literal'), 'literal')
})
