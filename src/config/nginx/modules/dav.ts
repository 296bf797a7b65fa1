// Files that clients may write, remove, copy and move: dav_methods and what goes with it (ngx_http_dav_module).

import { count, flag, own } from '../rows.ts'
import { EVERYWHERE, type Module, type Reading } from '../table.ts'
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
    own('dav_methods', EVERYWHERE, [1, Number.POSITIVE_INFINITY], 'davMethods', readMethods),
    own('dav_access', EVERYWHERE, [1, 3], 'davAccess', readAccess),
    count('min_delete_depth', EVERYWHERE, 'minDeleteDepth'),
    flag('create_full_put_path', EVERYWHERE, 'createFullPutPath'),
  ],
  defaults: { davMethods: [], davAccess: 0o600, minDeleteDepth: 0, createFullPutPath: false },
}

function readMethods({ args, at }: DirectiveNode, reading: Reading): string[] {
  const named = args.map(each => each.toUpperCase())
  const wrong = args.find(each => !['OFF', ...METHODS].includes(each.toUpperCase()))
  if (wrong !== undefined) reading.problem(`invalid value "${wrong}"`, at)
  return METHODS.filter(method => named.includes(method))
}

/** Where the bits of each stand in a mode. */
const WHO: Readonly<Record<string, number>> = { user: 6, group: 3, all: 0 }
const RIGHTS: Readonly<Record<string, number>> = { r: 4, rw: 6 }

// ngx_conf_set_access_slot: who is not named has nothing, but for the owner.
function readAccess({ args, at }: DirectiveNode, reading: Reading): number | undefined {
  let mode = args.some(each => each.startsWith('user:')) ? 0 : 0o600
  for (const each of args) {
    const [, who = '', right = ''] = /^(\w+):(\w+)$/.exec(each) ?? []
    if (WHO[who] === undefined || RIGHTS[right] === undefined) {
      reading.problem(`invalid value "${each}"`, at)
      return undefined
    }
    mode |= RIGHTS[right] << WHO[who]
  }
  return mode
}
