// Films that players may ask for from a moment on (ngx_http_flv_module, ngx_http_mp4_module): they are sent whole, or by
// ranges. What is left of the directives is that nothing can be sent to such a place.

import { harmless, own } from '../rows.ts'
import { EVERYWHERE, type Module, type Row } from '../table.ts'

export interface FilmSettings {
  /** Methods other than GET and HEAD are not allowed. */
  readonly films: boolean
}

const PLAYERS = 'files are sent whole or by ranges, which players ask for'

function film(name: string, note: string): Row {
  return { ...own(name, ['location'], 0, 'films', () => true), state: 'harmless', note }
}

export const flv: Module = {
  name: 'ngx_http_flv_module',
  rows: [film('flv', 'files are sent whole or by ranges; a start in the query is not looked at')],
  defaults: { films: false },
  own: ['films'],
}

export const mp4: Module = {
  name: 'ngx_http_mp4_module',
  rows: [
    film('mp4', `${PLAYERS}; start and end in the query are not looked at`),
    ...[
      'mp4_buffer_size',
      'mp4_limit_rate',
      'mp4_limit_rate_after',
      'mp4_max_buffer_size',
      'mp4_start_key_frame',
    ].map(name => harmless(name, EVERYWHERE, 1, 'files are sent whole or by ranges')),
  ],
  defaults: {},
}
