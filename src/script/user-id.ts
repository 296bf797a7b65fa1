// The id that a client brings in its cookie, and the one that it is given where it brings none (ngx_http_userid_module).
// Worked out once for a visit, whoever asks first; writes no field.

import { randomInt } from 'node:crypto'
import { isIPv4, isIPv6 } from 'node:net'
import type { Visit } from '../visit.ts'
import { saysYes } from './predicates.ts'

export interface UserId {
  /** 16 bytes; null: the client brought none that could be read. */
  readonly got: Buffer | null
  /** 16 bytes; null: none is given, as it has one. */
  readonly given: Buffer | null
  /** What the cookie is to say; null: it is not to be sent. */
  readonly cookie: string | null
}

const known = new WeakMap<Visit, UserId>()
const NONE: UserId = { got: null, given: null, cookie: null }

/** Of the client's request, whichever of those made from it asks. */
export function userIdOf({ main }: Visit): UserId {
  if (main.settings.userid === 'off') return NONE
  let found = known.get(main)
  if (found === undefined) {
    found = workOut(main)
    known.set(main, found)
  }
  return found
}

/** As `$uid_got` and `$uid_set` have it: four numbers as the machine's memory holds them, in hexadecimal. */
export function writtenId({ settings }: Visit, id: Buffer): string {
  const numbers = [0, 4, 8, 12].map(at => id.readUInt32LE(at).toString(16).toUpperCase().padStart(8, '0'))
  return `${settings.useridName}=${numbers.join('')}`
}

function workOut(visit: Visit): UserId {
  const { settings } = visit
  const brought = visit.site.variable(`cookie_${settings.useridName}`)(visit)
  const got = brought === null ? null : readId(visit, brought)
  if (settings.userid === 'log') return { got, given: null, cookie: null }
  if (got === null) return given(visit, got, newId(visit))
  const reset = visit.site.variable('uid_reset')(visit) ?? ''
  if (saysYes(reset)) {
    if (reset === 'log')
      visit.site.logs.error('notice', `userid cookie "${writtenId(visit, got)}" was reset`, visit)
    return given(visit, got, newId(visit))
  }
  const { useridMark: mark } = settings
  if (mark === '' || brought!.startsWith(`${mark}=`, MARKED_AT)) return { got, given: null, cookie: null }
  return { got, given: got, cookie: `${brought!.slice(0, MARKED_AT)}${mark}=` }
}

/** Characters of 16 bytes in base64, without their padding. */
const MARKED_AT = 22

function readId(visit: Visit, brought: string): Buffer | null {
  const { logs } = visit.site
  if (brought.length < MARKED_AT) {
    logs.error('error', `client sent too short userid cookie "${brought}"`, visit)
    return null
  }
  const text = brought.slice(0, MARKED_AT)
  if (!/^[\dA-Za-z+/]+$/.test(text)) {
    logs.error('error', `client sent invalid userid cookie "${brought}"`, visit)
    return null
  }
  const id = Buffer.from(text, 'base64')
  return id.readUInt32LE(12) === 0 ? null : id
}

function given({ settings }: Visit, got: Buffer | null, id: Buffer): UserId {
  const { useridMark: mark } = settings
  const text = id.toString('base64')
  return { got, given: id, cookie: mark === '' ? text : `${text.slice(0, MARKED_AT)}${mark}=` }
}

/** Where nginx has the time and its process, a number of chance that no two threads share. */
const origin = randomInt(2 ** 32)
const FIRST_V2 = 0x03030302
let nextV1 = 1
let nextV2 = FIRST_V2

// Who gave it, when, from which process, and which of that one's it is. The numbers of v1 are as memory holds them, those
// of the later form in network order.
function newId({ settings, connection }: Visit): Buffer {
  const id = Buffer.alloc(16)
  const now = Math.floor(Date.now() / 1000)
  const { useridService: service } = settings
  if (settings.userid === 'v1') {
    for (const [place, number] of [service ?? 0, now, origin, nextV1].entries())
      id.writeUInt32LE(number, place * 4)
    nextV1 = (nextV1 + 0x100) >>> 0
    return id
  }
  if (service === null) addressEnd(connection.localAddress).copy(id)
  else id.writeUInt32BE(service)
  for (const [place, number] of [now, origin, nextV2].entries()) id.writeUInt32BE(number, (place + 1) * 4)
  nextV2 = (nextV2 + 0x100) >>> 0
  if (nextV2 < FIRST_V2) nextV2 = FIRST_V2
  return id
}

// The last four bytes of an address; of a Unix socket, which has none, zeros.
function addressEnd(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number))
  if (!isIPv6(address)) return Buffer.alloc(4)
  const tail = address.slice(address.lastIndexOf('::') + 1)
  if (tail.includes('.')) return addressEnd(tail.slice(tail.lastIndexOf(':') + 1))
  const words = tail.split(':').filter(word => word !== '')
  const [high = '0', low = '0'] = ['0', '0', ...words].slice(-2)
  const end = Buffer.alloc(4)
  end.writeUInt16BE(Number.parseInt(high, 16), 0)
  end.writeUInt16BE(Number.parseInt(low, 16), 2)
  return end
}
