// The first message of a TLS client, looked at before the handshake: which server it asks for, which ciphers and curves
// it offers. Whether it is TLS at all, too, since people speak plain HTTP to HTTPS ports. Reads, and keeps nothing.

export interface ClientHello {
  /** In lower case; empty: none was asked for. */
  readonly serverName: string
  /** As numbers of the IANA registry. */
  readonly ciphers: readonly number[]
  readonly curves: readonly number[]
  /** Of curves, those that it has sent a key for. */
  readonly shares: readonly number[]
  /** By what it would take up a session of TLS 1.3 again; null: by nothing. */
  readonly identity: Buffer | null
}

const HANDSHAKE = 22
const CLIENT_HELLO = 1
/** A record's head and the most that it may carry (RFC 8446 §5.1). */
const RECORD_HEAD = 5
const LONGEST_RECORD = 16_384

const SERVER_NAME = 0
const SUPPORTED_GROUPS = 10
const PRE_SHARED_KEY = 41
const KEY_SHARE = 51

/** Nothing is known of what such a client asks for. */
export const NO_HELLO: ClientHello = {
  serverName: '',
  ciphers: [],
  curves: [],
  shares: [],
  identity: null,
}

/** Whether a connection that begins so is meant to be TLS: a handshake's record, or SSL 2's (nginx looks at the same). */
export function isTls(first: number): boolean {
  return first === HANDSHAKE || (first & 0x80) !== 0
}

/**
 * Reads the first message.
 * @returns null while more of it is to come; what cannot be read is `NO_HELLO`, as the handshake itself will refuse it
 */
export function readClientHello(bytes: Buffer): ClientHello | null {
  if (bytes[0] !== HANDSHAKE) return NO_HELLO
  if (bytes.length < RECORD_HEAD) return null
  const length = bytes.readUInt16BE(3)
  if (length > LONGEST_RECORD) return NO_HELLO
  if (bytes.length < RECORD_HEAD + length) return null
  try {
    return parse(bytes.subarray(RECORD_HEAD, RECORD_HEAD + length))
  } catch (error) {
    // Cut short, or longer than one record: nobody sends such a thing but to see what happens.
    if (error instanceof RangeError) return NO_HELLO
    throw error
  }
}

// RFC 8446 §4.1.2. Whatever reads beyond the end throws a RangeError.
function parse(message: Buffer): ClientHello {
  if (message[0] !== CLIENT_HELLO) return NO_HELLO
  // Type and length, version, random.
  let at = 4 + 2 + 32
  at += 1 + message.readUInt8(at)
  const ciphers = numbersIn(vector(message, at))
  at += 2 + message.readUInt16BE(at)
  at += 1 + message.readUInt8(at)
  let serverName = ''
  let curves: number[] = []
  let shares: number[] = []
  let identity: Buffer | null = null
  // Without extensions it ends here.
  const extensions = at === message.length ? message.subarray(at) : vector(message, at)
  for (let i = 0; i < extensions.length; ) {
    const type = extensions.readUInt16BE(i)
    const body = vector(extensions, i + 2)
    if (type === SERVER_NAME && body.length > 0) serverName = readServerName(vector(body, 0))
    if (type === SUPPORTED_GROUPS) curves = numbersIn(vector(body, 0))
    if (type === KEY_SHARE) shares = sharesIn(vector(body, 0))
    // RFC 8446 §4.2.11: the first of its identities, which servers look at first.
    if (type === PRE_SHARED_KEY) identity = Buffer.from(vector(vector(body, 0), 0))
    i += 4 + body.length
  }
  return { serverName, ciphers, curves, shares, identity }
}

/** Bytes with their length before them, in two. */
function vector(bytes: Buffer, at: number): Buffer {
  const length = bytes.readUInt16BE(at)
  if (at + 2 + length > bytes.length) throw new RangeError('a vector is cut short')
  return bytes.subarray(at + 2, at + 2 + length)
}

function numbersIn(bytes: Buffer): number[] {
  return Array.from({ length: bytes.length >> 1 }, (_, index) => bytes.readUInt16BE(2 * index))
}

// RFC 8446 §4.2.8: groups, each with a key.
function sharesIn(list: Buffer): number[] {
  const groups: number[] = []
  for (let at = 0; at < list.length; at += 4 + vector(list, at + 2).length) groups.push(list.readUInt16BE(at))
  return groups
}

// RFC 6066 §3: a list of names by type, of which there is one type, the host's.
function readServerName(list: Buffer): string {
  if (list.readUInt8(0) !== 0) return ''
  const name = vector(list, 1).toString('latin1').toLowerCase()
  // What else a name may be made of is no name that anybody has, and must reach no log; `..` must reach no path.
  return name.length <= 253 && /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?$/.test(name) ? name.replace(/\.$/, '') : ''
}
