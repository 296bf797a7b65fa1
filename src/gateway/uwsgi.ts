// The head of a request in the uwsgi protocol, as its documentation has it (uwsgi-docs, Protocol.rst): four bytes, then
// parameters with their lengths. A body follows as it is. Knows no policy.

import { GatewayError, littleEndian16, type Params } from './params.ts'

/** The length is told in two bytes. */
const MOST = 0xffff

export interface UwsgiPacket {
  /** What the packet is for, a byte each; 0 and 0: a request to a WSGI app. */
  readonly modifier1: number
  readonly modifier2: number
  /** What stands behind the parameters, as it is. */
  readonly after: string
}

/**
 * The whole head, as latin1.
 * @throws GatewayError where it does not fit into one packet
 */
export function uwsgiHead(params: Params, { modifier1, modifier2, after }: UwsgiPacket): string {
  let block = ''
  for (const [name, value] of params)
    block += littleEndian16(name.length) + name + littleEndian16(value.length) + value
  block += after
  if (block.length > MOST)
    throw new GatewayError(
      `uwsgi request is too big: ${block.length} bytes, and a packet has room for ${MOST}`,
    )
  return (
    String.fromCharCode(modifier1) + littleEndian16(block.length) + String.fromCharCode(modifier2) + block
  )
}
