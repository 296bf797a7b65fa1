// Files that clients may write, remove, copy and move: dav_methods and what goes with it (ngx_http_dav_module).

import { readAccessMode } from '../access-mode.ts'
import { chosen, count, flag, own } from '../rows.ts'
import { EVERYWHERE, type Level, type Module, type Reading } from '../table.ts'
import type { DirectiveNode } from '../tree.ts'

export interface DavSettings {
  /** As requests name them; empty: nothing may be written. */
  readonly davMethods: readonly string[]
  /** The mode of files that are written; folders may be searched by whoever may read them. */
  readonly davAccess: number
  /** What is nearer to the root is not removed; in parts of a path. */
  readonly minDeleteDepth: number
  readonly createFullPutPath: boolean
}

const METHODS = ['PUT', 'DELETE', 'MKCOL', 'COPY', 'MOVE']

export const dav: Module = {
  name: 'ngx_http_dav_module',
  rows: [
    {
      ...own('dav_methods', EVERYWHERE, [1, Number.POSITIVE_INFINITY], 'davMethods', readMethods),
      repeats: true,
    },
    own('dav_access', EVERYWHERE, [1, 3], 'davAccess', readAccessMode),
    count('min_delete_depth', EVERYWHERE, 'minDeleteDepth'),
    flag('create_full_put_path', EVERYWHERE, 'createFullPutPath'),
  ],
  defaults: { davMethods: [], davAccess: 0o600, minDeleteDepth: 0, createFullPutPath: false },
}

function readMethods(node: DirectiveNode, reading: Reading, { own: { davMethods = [] } }: Level): string[] {
  const named = chosen(node, ['off', ...METHODS], davMethods as string[], reading)
  return METHODS.filter(method => named.includes(method))
}
