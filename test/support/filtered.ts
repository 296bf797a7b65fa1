// Puts a body through a filter, cut into pieces as a test wants it, and gathers what comes out.

import type { BodyFilter } from '../../src/response/body-filter.ts'

export interface Filtered {
  readonly body: Buffer
  /** What came out, piece by piece. */
  readonly pieces: readonly Buffer[]
}

/** Every piece is changed as soon as the filter has had it, as the memory that answers are read into is. */
export function filtered(filter: BodyFilter, pieces: readonly (string | Buffer)[]): Promise<Filtered> {
  return new Promise((resolve, reject) => {
    const out: Buffer[] = []
    filter.onData = piece => {
      out.push(Buffer.from(piece))
      return true
    }
    filter.onEnd = () => resolve({ body: Buffer.concat(out), pieces: out })
    filter.onError = detail => reject(new Error(detail))
    for (const piece of pieces) {
      const bytes = typeof piece === 'string' ? Buffer.from(piece, 'latin1') : Buffer.from(piece)
      filter.write(bytes)
      bytes.fill(0xff)
    }
    filter.end()
  })
}

/** The text cut everywhere, into pieces of this many bytes. */
export function cut(text: string, size: number): string[] {
  return text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? []
}
