// A name server on loopback that knows what the test tells it, and counts what it is asked.

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { Owner } from './owner.ts'

interface Known {
  readonly addresses: readonly string[]
  readonly ttl: number
  /** Servers of the service that has this name. */
  readonly servers?: readonly Server[]
  /** The name that it is another one of: all that is said of it. */
  readonly alias?: string
  /** It is not answered. */
  readonly silent?: boolean
  /** The server says that it has failed. */
  readonly fails?: boolean
}

interface Server {
  readonly priority: number
  readonly weight: number
  readonly port: number
  readonly name: string
}

export interface NameServer {
  /** `127.0.0.1:PORT`, as `resolver` has it. */
  readonly address: string
  /** Addresses by name; a name that is not here is not known. May change. */
  readonly names: Map<string, Known>
  /** Questions so far, such as `A app.test`. */
  readonly asked: string[]
}

const TYPES: Readonly<Record<number, string>> = { 1: 'A', 5: 'CNAME', 28: 'AAAA', 33: 'SRV' }

export async function startNameServer(owner: Owner): Promise<NameServer> {
  const socket = createSocket('udp4')
  const names: NameServer['names'] = new Map()
  const asked: string[] = []
  socket.on('message', (query, from) => {
    const { name, type, end } = question(query)
    asked.push(`${type} ${name}`)
    const known = names.get(name)
    const wanted = (type.startsWith('A') ? (known?.addresses ?? []) : []).filter(
      address => address.includes(':') === (type === 'AAAA'),
    )
    if (known?.silent === true) return
    const answers = wanted.map(address =>
      record(known!.ttl, address.includes(':') ? 28 : 1, bytesOf(address)),
    )
    const servers = type === 'SRV' ? (known?.servers ?? []) : []
    answers.push(...servers.map(server => record(known!.ttl, 33, serverBytes(server))))
    if (known?.alias !== undefined) answers.push(record(known.ttl, 5, labelsOf(known.alias)))
    const head = Buffer.from(query.subarray(0, 12))
    // RFC 1035 §4.1.1: a response, recursion desired and available; 2 is a failure of the server, 3 "no such name".
    head.writeUInt16BE(0x8180 | (known === undefined ? 3 : known.fails === true ? 2 : 0), 2)
    head.writeUInt16BE(1, 4)
    head.writeUInt16BE(answers.length, 6)
    head.writeUInt32BE(0, 8)
    socket.send(Buffer.concat([head, query.subarray(12, end), ...answers]), from.port, from.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  owner.after(() => void socket.close())
  return { address: `127.0.0.1:${socket.address().port}`, names, asked }
}

function question(query: Buffer): { name: string; type: string; end: number } {
  const labels: string[] = []
  let at = 12
  for (let length = query[at]!; length > 0; length = query[at]!) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.').toLowerCase(), type: TYPES[query.readUInt16BE(at + 1)] ?? '?', end: at + 5 }
}

/** §4.1.3, with a pointer to the name in the question. */
function record(ttl: number, type: number, bytes: Buffer): Buffer {
  const head = Buffer.alloc(12)
  head.writeUInt16BE(0xc00c, 0)
  head.writeUInt16BE(type, 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt32BE(ttl, 6)
  head.writeUInt16BE(bytes.length, 10)
  return Buffer.concat([head, bytes])
}

function bytesOf(address: string): Buffer {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number))
  const groups = address.replace('::', ':0'.repeat(9 - address.split(':').length) + ':').split(':')
  return Buffer.from(groups.map(group => group.padStart(4, '0')).join(''), 'hex')
}

/** RFC 2782. */
function serverBytes({ priority, weight, port, name }: Server): Buffer {
  const head = Buffer.alloc(6)
  for (const [i, value] of [priority, weight, port].entries()) head.writeUInt16BE(value, 2 * i)
  return Buffer.concat([head, labelsOf(name)])
}

function labelsOf(name: string): Buffer {
  return Buffer.from(
    [...name.split('.'), ''].map(label => String.fromCharCode(label.length) + label).join(''),
    'latin1',
  )
}
