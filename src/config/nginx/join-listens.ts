// Where servers listen, joined: one address with all the servers that name it, and what they say of it together. Knows no
// requests.

import type { ListenDraft, ServerDraft } from './modules/blocks.ts'
import type { ListenConfig } from './site.ts'
import type { Level, Reading } from './table.ts'

const EVERY_ADDRESS = { kind: 'tcp', host: '0.0.0.0', port: process.getuid?.() === 0 ? 80 : 8000 } as const

interface Joined {
  draft: ListenDraft
  /** Places of the servers; the default one is first. */
  readonly servers: number[]
  /** A server has been named the default. */
  fixed: boolean
}

/** @param levels the servers' blocks, in their order in the file */
export function joinListens(levels: readonly Level[], reading: Reading): ListenConfig[] {
  const joined = new Map<string, Joined>()
  for (const [index, level] of levels.entries()) {
    const drafts = overTcp(((level.own as ServerDraft).listen ?? [implied(level)]) as ListenDraft[], reading)
    const here = new Set<string>()
    for (const draft of drafts) {
      const address = describe(draft)
      if (here.has(address)) {
        reading.problem(`a duplicate listen ${address}`, draft.at)
        continue
      }
      here.add(address)
      const known = joined.get(address)
      if (known === undefined) joined.set(address, { draft, servers: [index], fixed: draft.isDefault })
      else join(known, draft, index, reading)
    }
  }
  return [...joined.values()].map(({ draft: { isDefault: _, quic: __, ...draft }, servers }) => ({
    ...draft,
    servers,
  }))
}

// Whoever speaks HTTP/3 to a server was told of it over TCP, and goes on there where nobody answers.
function overTcp(drafts: readonly ListenDraft[], reading: Reading): ListenDraft[] {
  const [quic] = drafts.filter(draft => draft.quic)
  const others = drafts.filter(draft => !draft.quic)
  if (quic === undefined) return others
  if (others.length === 0)
    reading.problem('"quic" of "listen": HTTP/3 is not served, and the server listens nowhere else', quic.at)
  else reading.remark('notice', '"quic" of "listen": HTTP/1.1 is served; HTTP/3 ends at the edge', quic.at)
  return others
}

function join(known: Joined, draft: ListenDraft, index: number, reading: Reading): void {
  if (draft.isDefault && known.fixed)
    reading.problem(`a duplicate default server for ${describe(draft)}`, draft.at)
  if (draft.isDefault) known.servers.unshift(index)
  else known.servers.push(index)
  known.fixed ||= draft.isDefault
  known.draft = {
    ...known.draft,
    ssl: known.draft.ssl || draft.ssl,
    proxyProtocol: known.draft.proxyProtocol || draft.proxyProtocol,
    backlog: known.draft.backlog ?? draft.backlog,
  }
}

/** As nginx writes an address. */
function describe({ address }: ListenDraft): string {
  if (address.kind === 'unix') return `unix:${address.path}`
  return `${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`
}

// A server that does not say where listens on port 80, or on 8000 where the former is not to be had.
function implied(level: Level): ListenDraft {
  return {
    address: EVERY_ADDRESS,
    written: `*:${EVERY_ADDRESS.port}`,
    ssl: false,
    proxyProtocol: false,
    isDefault: false,
    backlog: null,
    ipv6only: true,
    quic: false,
    at: level.node!.at,
  }
}
