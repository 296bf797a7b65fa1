// Films that players may ask for from a place on (ngx_http_flv_module, ngx_http_mp4_module). Of those of the second kind a
// place is a moment: they are sent whole, or by ranges, and what is left of it is that nothing can be sent to such a place.

import { harmless, own } from '../rows.ts'
import { EVERYWHERE, type Module, type Row } from '../table.ts'

export interface FilmSettings {
  /** What kind of films these are: methods other than GET and HEAD are not allowed. Null: none. */
  readonly films: 'flv' | 'mp4' | null
}

const PLAYERS = 'files are sent whole or by ranges, which players ask for'

function film(name: NonNullable<FilmSettings['films']>): Row {
  return { ...own(name, ['location'], 0, 'films', () => name), repeats: true }
}

export const flv: Module = {
  name: 'ngx_http_flv_module',
  rows: [film('flv')],
  defaults: { films: null },
  own: ['films'],
}

const WHOLE = 'files are sent whole or by ranges'

export const mp4: Module = {
  name: 'ngx_http_mp4_module',
  rows: [
    {
      ...film('mp4'),
      state: 'harmless',
      note: `${PLAYERS}; start and end in the query are not looked at`,
    },
    harmless('mp4_buffer_size', EVERYWHERE, 'size', WHOLE),
    harmless('mp4_limit_rate', EVERYWHERE, 1, WHOLE),
    harmless('mp4_limit_rate_after', EVERYWHERE, 1, WHOLE),
    harmless('mp4_max_buffer_size', EVERYWHERE, 'size', WHOLE),
    harmless('mp4_start_key_frame', EVERYWHERE, 'flag', WHOLE),
  ],
  defaults: {},
}
