import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { FRESH, moved, opened, unlinked, written } from '../../src/disk/calls.ts'
import { DiskFailure } from '../../src/disk/failure.ts'
import { GrowingFile } from '../../src/disk/growing-file.ts'
import { temporaryFolder } from '../support/owner.ts'

/** One with a head of two bytes, which says how long it is. */
class Counted extends GrowingFile {
  readonly events: string[] = []
  protected readonly draft: string
  protected readonly bodyStart = 2
  readonly #path: string
  readonly #most: number

  constructor(path: string, most = Number.POSITIVE_INFINITY) {
    super()
    this.draft = `${path}.draft`
    this.#path = path
    this.#most = most
  }

  protected override async open(): Promise<number | DiskFailure> {
    const descriptor = await opened(this.draft, FRESH, 0o600)
    return typeof descriptor === 'number' ? descriptor : new DiskFailure('open()', this.draft, descriptor)
  }

  protected override async finish(descriptor: number, rest: Buffer, before: number): Promise<null> {
    await written(descriptor, rest, 2 + before)
    await written(descriptor, Buffer.from(`${String(before + rest.length).length}:`), 0)
    return null
  }

  protected override async place(): Promise<null> {
    await moved(this.draft, this.#path)
    return null
  }

  protected override async sweep(): Promise<void> {
    await unlinked(this.draft)
  }

  protected override isTooLarge(bytes: number): boolean {
    return bytes > this.#most
  }

  protected override onWhole(): void {
    this.events.push('whole')
  }

  protected override onStored(length: number): void {
    this.events.push(`stored ${length}`)
  }

  protected override onFailed(): void {
    this.events.push('failed')
  }

  protected override onTrouble({ code }: DiskFailure): void {
    this.events.push(code)
  }
}

async function over(file: GrowingFile): Promise<void> {
  while (!file.over) await new Promise(resolve => setImmediate(resolve))
}

function place(t: TestContext): { folder: string; path: string } {
  const folder = temporaryFolder(t)
  return { folder, path: join(folder, 'file') }
}

test('it has its name once it is whole, whatever happens to the pieces meanwhile', async t => {
  const { folder, path } = place(t)
  const file = new Counted(path)
  const piece = Buffer.from('one ')
  file.write(piece)
  piece.fill(0)
  file.write(Buffer.from('two'))
  file.whole()
  await over(file)
  assert.equal(readFileSync(path, 'utf8'), '1:one two')
  assert.deepEqual(readdirSync(folder), ['file'])
  assert.deepEqual(file.events, ['whole', 'stored 7'])
})

test('nothing at all is a file, too', async t => {
  const { path } = place(t)
  const file = new Counted(path)
  file.whole()
  await over(file)
  assert.equal(readFileSync(path, 'utf8'), '1:')
})

test('whoever brings more than a megabyte at once waits for the disk, and is told', async t => {
  const { path } = place(t)
  const file = new Counted(path)
  const piece = Buffer.alloc(100_000, 'x')
  let waits = 0
  for (let i = 0; i < 40; i++) {
    if (file.write(piece)) continue
    waits++
    assert.ok(file.full)
    await new Promise<void>(resolve => {
      file.onRoom = resolve
    })
  }
  file.whole()
  await over(file)
  assert.ok(waits > 0)
  assert.equal(readFileSync(path).length, 4_000_002)
})

test('what breaks off leaves nothing, whenever that is', async t => {
  for (const bytes of [0, 10, 100_000, 3_000_000]) {
    const { folder, path } = place(t)
    const file = new Counted(path)
    file.write(Buffer.alloc(bytes))
    file.fail()
    file.whole()
    assert.ok(file.write(Buffer.alloc(10)))
    await over(file)
    assert.deepEqual(file.events, ['failed'])
    assert.deepEqual(readdirSync(folder), [])
  }
})

test('what becomes too large, and what the disk does not take, is let go', async t => {
  const { folder, path } = place(t)
  const large = new Counted(path, 1_000)
  assert.ok(large.write(Buffer.alloc(1_001)))
  await over(large)
  assert.deepEqual(large.events, ['failed'])
  const nowhere = new Counted(join(folder, 'none/file'))
  nowhere.write(Buffer.from('text'))
  nowhere.whole()
  await over(nowhere)
  assert.deepEqual(nowhere.events, ['whole', 'ENOENT', 'failed'])
  assert.deepEqual(readdirSync(folder), [])
})
