import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hostOf } from '../../src/listen/guests.ts'
import { siteOf } from '../config/nginx/reading.ts'

test('one socket serves every address of its family and port, and those that are named beside it', t => {
  const hosts = (...places: string[]) => {
    const { listens } = siteOf(t, places.map(place => `server { listen ${place}; }`).join(' '))
    return listens.map((_, place) => hostOf(listens, place))
  }
  assert.deepEqual(hosts('127.0.0.1:80', '80', '[::1]:80', '127.0.0.1:81'), [1, -1, -1, -1])
  assert.deepEqual(hosts('80', '[::]:80', '[::1]:80', '127.0.0.1:80'), [-1, -1, 1, 0])
  assert.deepEqual(hosts('[::]:80 ipv6only=off', '127.0.0.1:80', '[::1]:80'), [-1, 0, 0])
  assert.deepEqual(hosts('[::]:80', '127.0.0.1:80', 'unix:/tmp/none'), [-1, -1, -1])
})
