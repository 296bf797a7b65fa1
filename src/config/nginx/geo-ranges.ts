// Ranges of IPv4 addresses as `geo` with `ranges` takes them (ngx_http_geo_add_range): a later one may lie within an
// earlier one, and cuts it; it may not lie across its end. Looked at in blocks of 65,536 addresses, as nginx does, so that
// what it takes and what it refuses are the same.

import type { AddressWords } from './range.ts'

interface Piece {
  from: number
  to: number
  value: string
}

export interface GeoRange {
  readonly from: AddressWords
  readonly to: AddressWords
  readonly value: string
}

const BLOCK = 65_536

export class GeoRanges {
  /** Of each block, in order. */
  readonly #blocks = new Map<number, Piece[]>()

  /**
   * Both ends belong to it.
   * @param written for messages
   * @returns what is to be said of it, or null
   */
  add(
    from: number,
    to: number,
    value: string,
    written: string,
  ): { readonly level: 'emerg' | 'warn'; readonly message: string } | null {
    let said: ReturnType<GeoRanges['add']> = null
    for (const piece of piecesOf(from, to, value)) {
      const block = this.#block(piece.from)
      const at = block.findLastIndex(each => each.from <= piece.to)
      const before = block[at]
      if (before === undefined || before.to < piece.from) block.splice(at + 1, 0, piece)
      else if (before.from === piece.from && before.to === piece.to) {
        const message = `duplicate range "${written}", value: "${value}", old value: "${before.value}"`
        said = { level: 'warn', message }
        before.value = value
      } else if (before.from <= piece.from && before.to >= piece.to) {
        block.splice(at, 1, ...cut(before, piece))
      } else {
        const message = `range "${written}" overlaps "${quad(before.from)}-${quad(before.to)}"`
        return { level: 'emerg', message }
      }
    }
    return said
  }

  /** Takes away exactly this range; false: it was not there, or not all of it. */
  remove(from: number, to: number): boolean {
    let all = true
    for (const piece of piecesOf(from, to, '')) {
      const block = this.#block(piece.from)
      const at = block.findIndex(each => each.from === piece.from && each.to === piece.to)
      if (at === -1) all = false
      else block.splice(at, 1)
    }
    return all
  }

  /** In order and apart, with neighbours of one value joined. */
  entries(): GeoRange[] {
    const joined: Piece[] = []
    const blocks = [...this.#blocks].sort(([a], [b]) => a - b)
    for (const piece of blocks.flatMap(([, pieces]) => pieces)) {
      const last = joined.at(-1)
      if (last !== undefined && last.to + 1 === piece.from && last.value === piece.value) last.to = piece.to
      else joined.push({ ...piece })
    }
    return joined.map(({ from, to, value }) => ({ from: [from], to: [to], value }))
  }

  #block(address: number): Piece[] {
    const number = Math.floor(address / BLOCK)
    const known = this.#blocks.get(number)
    if (known !== undefined) return known
    const block: Piece[] = []
    this.#blocks.set(number, block)
    return block
  }
}

function* piecesOf(from: number, to: number, value: string): Iterable<Piece> {
  for (let at = from; at <= to; ) {
    const next = (Math.floor(at / BLOCK) + 1) * BLOCK
    yield { from: at, to: Math.min(to, next - 1), value }
    at = next
  }
}

function cut(around: Piece, piece: Piece): Piece[] {
  const pieces = [piece]
  if (around.from < piece.from) pieces.unshift({ ...around, to: piece.from - 1 })
  if (around.to > piece.to) pieces.push({ ...around, from: piece.to + 1 })
  return pieces
}

function quad(address: number): string {
  return [24, 16, 8, 0].map(shift => (address >>> shift) & 255).join('.')
}
