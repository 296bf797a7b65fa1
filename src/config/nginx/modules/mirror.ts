// Copies of requests that other places of the site are given (ngx_http_mirror_module).

import { flag, list } from '../rows.ts'
import { EVERYWHERE, type Level, type Module, type Reading } from '../table.ts'
import type { DirectiveNode } from '../tree.ts'

export interface MirrorSettings {
  /** URIs of the site, as they are written. */
  readonly mirrors: readonly string[]
  readonly mirrorBody: boolean
}

export const mirror: Module = {
  name: 'ngx_http_mirror_module',
  rows: [
    list('mirror', EVERYWHERE, 1, 'mirrors', read),
    flag('mirror_request_body', EVERYWHERE, 'mirrorBody'),
  ],
  defaults: { mirrors: [], mirrorBody: true },
}

// `off` stands alone in its block.
function read({ args, at }: DirectiveNode, reading: Reading, level: Level): readonly string[] {
  const before = level.own.mirrors as readonly string[] | undefined
  const off = args[0] === 'off'
  if (before !== undefined && (off || before.length === 0))
    reading.problem('"mirror" directive is duplicate', at)
  return off ? [] : args
}
