// Flash films from a place on that the player asks for (ngx_http_flv_module). The place is a byte of the file, which the
// player has from the film's own index; what is sent from there on is a film by itself. Reads no film.

import { argumentOf } from '../http1/uri.ts'
import type { Visit } from '../visit.ts'

/**
 * What a film begins with (Adobe's FLV 10.1, E.2 and E.3): its name, version 1, that sound and picture may follow, where
 * they do, and that nothing has been before.
 */
export const FILM_HEADER = Buffer.from([0x46, 0x4c, 0x56, 1, 0b101, 0, 0, 0, 9, 0, 0, 0, 0])

/** The byte of a file of `size` bytes from which on it is asked for; 0: it is wanted whole, as with what is no such byte. */
export function filmStart({ settings, args }: Visit, size: number): number {
  if (settings.films !== 'flv' || args === '') return 0
  const text = argumentOf(args, 'start') ?? ''
  // More digits are no number to ngx_atoof, or one beyond any file.
  const start = /^\d{1,18}$/.test(text.replace(/^0+(?=\d)/, '')) ? Number(text) : 0
  return start < size ? start : 0
}
