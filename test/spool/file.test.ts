import assert from 'node:assert/strict'
import fs from 'node:fs'
import { test } from 'node:test'
import { SpoolFile } from '../../src/spool/file.ts'
import { SpoolFolder, type SpoolFs } from '../../src/spool/folder.ts'
import { descriptors, folder, piece, until } from './rig.ts'

test('what is written is read, and the descriptor is given back', async t => {
  const before = descriptors()
  const file = new SpoolFile(new SpoolFolder(folder(t), false))
  const wrote = await new Promise<number>((resolve, reject) =>
    file.write([piece(0, 100), piece(100, 50)], 0, (error, bytes) =>
      error ? reject(error) : resolve(bytes),
    ),
  )
  assert.equal(wrote, 150)
  const back = Buffer.alloc(60)
  await new Promise<void>(resolve => file.read(back, 90, () => resolve()))
  assert.deepEqual(back, piece(90, 60))
  await new Promise<void>(resolve => file.close(resolve))
  if (before !== null) assert.equal(descriptors(), before)
})

test('a file that was never written is closed without a descriptor', async t => {
  const file = new SpoolFile(new SpoolFolder(folder(t), false))
  await new Promise<void>(resolve => file.close(resolve))
})

test('closing waits for what is under way, also when an operation’s own callback closes', async t => {
  const order: string[] = []
  const shim = {
    ...fs,
    close: (fd: number, done: () => void) => {
      order.push('close')
      fs.close(fd, done)
    },
  } as unknown as SpoolFs
  const file = new SpoolFile(new SpoolFolder(folder(t), false, shim))
  const closed: string[] = []
  file.write([piece(0, 10)], 0, () => {
    order.push('written')
    file.read(Buffer.alloc(5), 0, () => order.push('read'))
    file.close(() => closed.push('closed'))
  })
  await until(() => closed.length > 0)
  assert.deepEqual(order, ['written', 'read', 'close'])
  assert.equal(closed.length, 1)
})

test('closed while it is being opened', async t => {
  const before = descriptors()
  const file = new SpoolFile(new SpoolFolder(folder(t), false))
  const closed: string[] = []
  file.write([piece(0, 10)], 0, () => closed.push('written'))
  file.close(() => closed.push('closed'))
  await until(() => closed.length === 2)
  assert.deepEqual(closed, ['written', 'closed'])
  if (before !== null) assert.equal(descriptors(), before)
})
