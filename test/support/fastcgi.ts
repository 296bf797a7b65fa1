// Records of FastCGI as an app writes them, for tests of whoever reads them.

export const END = 3
export const STDOUT = 6
export const STDERR = 7

/** One record of request 1, as latin1. @param padding bytes of it, which may be anything */
export function record(type: number, content: string, padding = 0): string {
  const { length } = content
  const head = [1, type, 0, 1, length >> 8, length & 0xff, padding, 0]
  return String.fromCharCode(...head) + content + 'p'.repeat(padding)
}

/** A whole answer: its output in one record, and the end. */
export function answerOf(output: string): string {
  return record(STDOUT, output) + record(STDOUT, '') + record(END, '\0'.repeat(8))
}
