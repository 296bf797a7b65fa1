// Who may do what with a file that is written, as `dav_access` and `proxy_store_access` say it (ngx_conf_set_access_slot).

import type { Reading } from './table.ts'
import type { DirectiveNode } from './tree.ts'

/** Where the bits of each stand in a mode. */
const WHO: Readonly<Record<string, number>> = { user: 6, group: 3, all: 0 }
const RIGHTS: Readonly<Record<string, number>> = { r: 4, rw: 6 }

/** The mode; undefined: it was reported. Who is not named has nothing, but for the owner. */
export function readAccessMode({ args, at }: DirectiveNode, reading: Reading): number | undefined {
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
