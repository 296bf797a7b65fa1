// What kind of work a request is: its method and its path with numbers and identifiers folded away, so that what is
// learnt of one `/users/17` is known of the next. A path's name is remembered, bounded however many paths clients invent.

/** The methods that go by their own name; all others are `OTHER`. */
export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'OTHER'] as const

const REMEMBERED = 2000
/** A longer path is folded each time: the memory of paths would be a large one. */
const LONGEST_REMEMBERED = 256
const LONGEST_FOLDED = 512
const LONGEST_SEGMENT = 64
const SEGMENTS = 8

const known: ReadonlySet<string> = new Set(METHODS)
const number = /^\d+$/
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const hex = /^(?=.*\d)[0-9a-f]{8,}$/i
/** Long, with digits: a token, a hash in another alphabet, a signature. */
const token = /^(?=.*\d)[\w~=-]{20,}$/

/** `/users/17/files/3f…` to `/users/:n/files/:hex`; deeper than eight segments is cut. */
export function fold(path: string): string {
  const segments = clip(path, LONGEST_FOLDED).split('/', SEGMENTS + 2)
  const cut = segments.length > SEGMENTS + 1
  const folded = segments.slice(0, SEGMENTS + 1).map(segment => {
    if (number.test(segment)) return ':n'
    if (uuid.test(segment)) return ':uuid'
    if (hex.test(segment)) return ':hex'
    return token.test(segment) ? ':token' : clip(segment, LONGEST_SEGMENT)
  })
  return folded.join('/') + (cut ? '/…' : '')
}

export class RouteNames {
  #names = new Map<string, Map<string, string>>()
  #size = 0

  /** `GET /users/:n`; the same string for the same method and path, as long as it is remembered. */
  of(method: string, path: string): string {
    return this.#names.get(method)?.get(path) ?? this.#make(known.has(method) ? method : 'OTHER', path)
  }

  #make(method: string, path: string): string {
    // Copies: method and path are pieces of the request's whole head, which they would keep alive.
    const name = Buffer.from(`${method} ${fold(path)}`).toString()
    if (path.length > LONGEST_REMEMBERED) return name
    if (this.#size >= REMEMBERED) {
      this.#names = new Map()
      this.#size = 0
    }
    let names = this.#names.get(method)
    if (names === undefined) this.#names.set(method, (names = new Map()))
    names.set(Buffer.from(path).toString(), name)
    this.#size++
    return name
  }
}

function clip(text: string, max: number): string {
  return text.length > max ? text.slice(0, max) + '…' : text
}
