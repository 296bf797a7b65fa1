// The head of a request in SCGI (its specification by Neil Schemenauer, 2006): a netstring of names and values, each ended
// by NUL, of which the body's length comes first. A body follows as it is. Knows no policy.

import { GatewayError, type Params } from './params.ts'

/** The protocol has no limit of its own; far above what a client's head and a file's words come to. */
const MOST = 1024 * 1024

/**
 * The whole head, as latin1.
 * @param length bytes of the body; 0: there is none
 * @throws GatewayError where a value cannot be told, or all of it is too large
 */
export function scgiHead(params: Params, length: number): string {
  let block = `CONTENT_LENGTH\0${length}\0`
  for (const [name, value] of params) {
    if (name.includes('\0') || value.includes('\0'))
      throw new GatewayError('scgi request has a NUL in a parameter, which would end it there')
    block += `${name}\0${value}\0`
  }
  if (block.length > MOST)
    throw new GatewayError(`scgi request is too big: ${block.length} bytes, and ${MOST} are allowed`)
  return `${block.length}:${block},`
}
