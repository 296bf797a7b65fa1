// What a proxy in front says of a connection beside its addresses, in version 2 of the PROXY protocol: types, lengths and
// values, and those of TLS within one of them (proxy-protocol.txt, §2.2.1 to 2.2.6). Names are nginx's
// (ngx_proxy_protocol_get_tlv). Pure.

const TLS = 0x20
const NAMES: Readonly<Record<string, number>> = {
  alpn: 0x01,
  authority: 0x02,
  unique_id: 0x05,
  ssl: TLS,
  netns: 0x30,
}
const TLS_NAMES: Readonly<Record<string, number>> = {
  version: 0x21,
  cn: 0x22,
  cipher: 0x23,
  sig_alg: 0x24,
  key_alg: 0x25,
}
/** Before the values within that of TLS: what the client did, one byte, and whether its certificate was right, four. */
const TLS_HEAD = 5

/**
 * How the value of that name is found: `alpn`, `0x01`, `ssl_cn`, `ssl_0x22`, `ssl_verify`. It settles with the value as
 * latin1 of its bytes; null where there is none, or no such name.
 */
export function extraOf(name: string): (extras: Buffer) => string | null {
  if (!name.startsWith('ssl_')) {
    const type = typeOf(name, NAMES)
    return extras => find(extras, type)?.toString('latin1') ?? null
  }
  const within = name.slice('ssl_'.length)
  const type = typeOf(within, TLS_NAMES)
  return extras => {
    const tls = find(extras, TLS)
    if (tls === null || tls.length < TLS_HEAD) return null
    if (within === 'verify') return String(tls.readUInt32BE(1))
    return find(tls.subarray(TLS_HEAD), type)?.toString('latin1') ?? null
  }
}

function typeOf(name: string, names: Readonly<Record<string, number>>): number | null {
  const [, digits] = /^0x([\da-f]+)$/i.exec(name) ?? []
  return digits === undefined ? (names[name] ?? null) : Number.parseInt(digits, 16)
}

/** The first one of that type; null also where what comes before it is broken. */
function find(bytes: Buffer, type: number | null): Buffer | null {
  for (let at = 0; type !== null && at + 3 <= bytes.length; ) {
    const end = at + 3 + bytes.readUInt16BE(at + 1)
    if (end > bytes.length) return null
    if (bytes[at] === type) return bytes.subarray(at + 3, end)
    at = end
  }
  return null
}
