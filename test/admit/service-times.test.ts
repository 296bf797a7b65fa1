import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ServiceTimes } from '../../src/admit/service-times.ts'

test('the usual time of a route is its median: what takes very long now and then is not usual', () => {
  const times = new ServiceTimes()
  for (let i = 0; i < 500; i++) times.took('GET /', i % 10 === 0 ? 2_000 : 50)
  const { median, mean } = times.of('GET /')
  assert.ok(median > 40 && median < 150, `median ${median}`)
  assert.ok(mean > 150 && mean < 450, `mean ${mean}`)
})

test('a steady time is known exactly, and followed when it changes', () => {
  const times = new ServiceTimes()
  for (let i = 0; i < 10; i++) times.took('a', 50)
  assert.deepEqual([times.of('a').median, times.of('a').deviation], [50, 0])
  for (let i = 0; i < 200; i++) times.took('a', 400)
  assert.ok(Math.abs(times.of('a').median - 400) < 40, `median ${times.of('a').median}`)
})

test('a route that is not known is taken to be like all', () => {
  const times = new ServiceTimes()
  assert.equal(times.of('new').median, 0)
  times.took('a', 70)
  assert.equal(times.of('new').median, 70)
})

test('clients that never stay for a route’s answer are remembered for a while', () => {
  const times = new ServiceTimes()
  for (let i = 0; i < 30; i++) times.stayed('slow', false, 1_000)
  const usual = times.of('slow')
  assert.ok(times.staying(usual, 1_000) < 0.1)
  assert.ok(times.staying(usual, 60_000) > 0.9)
  times.stayed('fast', true, 1_000)
  assert.equal(times.of('fast'), times.overall, 'nothing is kept of what is as it should be')
})

test('a scan of many routes is bounded and does not push out what takes time', () => {
  const times = new ServiceTimes()
  for (let i = 0; i < 5; i++) times.took('report', 5_000)
  for (let i = 0; i < 2_000; i++) times.took(`x${i}`, 1)
  assert.equal(times.of('report').median, 5_000)
  assert.equal(times.of('x0'), times.overall)
})
