// The app's output on its way to ours: whole lines, as they are, and each shown to whoever reads them. A reader of ours
// that stalls makes the app wait, as it would without us in between; it never makes the proxy wait.

import { write } from 'node:fs'
import type { Readable } from 'node:stream'

/** What may wait for the system to take it, in bytes, before the app has to wait. */
const MOST_WAITING = 256 * 1024
/** A line that is longer goes on in pieces. */
const LONGEST_LINE = 64 * 1024
/**
 * One write. A pipe takes as much in one piece (PIPE_BUF, pipe(7)), so that what others write to it meanwhile, our own
 * log among them, does not come to stand within a line.
 */
const ONE_WRITE = 4096
/** When a descriptor that does not block (a terminal that somebody else has set so) takes nothing. */
const TRY_AGAIN_MS = 20
/** How long an end waits for the last lines, in milliseconds. */
const LAST_WRITE_MS = 1_000
const NEWLINE = 0x0a
const NO_BYTES: Buffer = Buffer.alloc(0)

/** Where lines go: a file descriptor of ours. */
export interface Output {
  /** Whole lines. False: no more for now; `onRoom` will say when. */
  write(lines: Buffer): boolean
  onRoom(ready: () => void): void
  /** Settles when all is written, or a reader that does not read has had its time. */
  flushed(): Promise<void>
}

/** @param fd of ours: 1 or 2 */
export function openOutput(fd: number): Output {
  const waiting: Buffer[] = []
  const wanting: (() => void)[] = []
  let size = 0
  let writing = false
  let broken = false

  const next = () => {
    const first = waiting[0]
    if (size < MOST_WAITING) for (const ready of wanting.splice(0)) ready()
    writing = first !== undefined
    if (first === undefined) return
    const piece = first.subarray(0, endOfWrite(first))
    write(fd, piece, (error, written) => {
      if (error?.code === 'EAGAIN') return void setTimeout(next, TRY_AGAIN_MS).unref()
      // Nobody reads any more (EPIPE), or the disk is full: the app goes on, unheard.
      if (error !== null) broken = true
      if (broken) {
        waiting.length = size = 0
        return next()
      }
      size -= written
      if (written === first.length) waiting.shift()
      else waiting[0] = first.subarray(written)
      next()
    })
  }
  return {
    write(lines) {
      if (broken || lines.length === 0) return true
      waiting.push(lines)
      size += lines.length
      if (!writing) next()
      return size < MOST_WAITING
    },
    onRoom: ready => void wanting.push(ready),
    async flushed() {
      const giveUp = performance.now() + LAST_WRITE_MS
      while (writing && performance.now() < giveUp) await new Promise<void>(resolve => setTimeout(resolve, 5))
    },
  }
}

/** As many whole lines as fit one write; of a line that does not fit, all of it. */
function endOfWrite(bytes: Buffer): number {
  if (bytes.length <= ONE_WRITE) return bytes.length
  const last = bytes.lastIndexOf(NEWLINE, ONE_WRITE - 1)
  if (last !== -1) return last + 1
  const first = bytes.indexOf(NEWLINE, ONE_WRITE)
  return first === -1 ? bytes.length : first + 1
}

/**
 * Hands everything on from `source`, line by line.
 * @param seen gets each line that may speak of a worker, without its end
 */
export function forward(source: Readable, output: Output, seen: (line: string) => void): void {
  let rest: Buffer = NO_BYTES
  const pass = (lines: Buffer) => {
    read(lines, seen)
    if (output.write(lines) || source.isPaused()) return
    source.pause()
    output.onRoom(() => source.resume())
  }
  source.on('data', (chunk: Buffer) => {
    const end = chunk.lastIndexOf(NEWLINE) + 1
    if (end > 0) pass(Buffer.concat([rest, chunk.subarray(0, end)]))
    rest = end > 0 ? chunk.subarray(end) : Buffer.concat([rest, chunk])
    if (rest.length < LONGEST_LINE) return
    pass(rest)
    rest = NO_BYTES
  })
  source.once('end', () => {
    // Whatever comes next begins a line of its own.
    if (rest.length > 0) pass(Buffer.concat([rest, Buffer.from('\n')]))
    rest = NO_BYTES
  })
  source.on('error', () => {})
}

// Most lines are the app's own: those are told apart at once, before any of them is cut out.
function read(lines: Buffer, seen: (line: string) => void): void {
  if (!lines.includes('orker') && !lines.includes('WORKER')) return
  for (const line of lines.toString('utf8').split('\n')) if (/worker/i.test(line)) seen(line)
}
