// Whose word counts for the client's address (ngx_http_realip_module).

import { type AddressRange, readRange } from '../range.ts'
import { flag, list, own } from '../rows.ts'
import { EVERYWHERE, type Module, type Reading } from '../table.ts'
import type { DirectiveNode } from '../tree.ts'

/** A peer that is believed: a range, everybody on a Unix socket, or a host by its name, looked up at the start. */
export type Believed = AddressRange | 'unix' | { readonly name: string }

export interface RealIpSettings {
  readonly realIpFrom: readonly Believed[]
  /** The field that says it, in lower case; or what the PROXY protocol said. */
  readonly realIpHeader:
    | { readonly kind: 'field'; readonly name: string }
    | { readonly kind: 'proxy protocol' }
  readonly realIpRecursive: boolean
}

export const realIp: Module = {
  name: 'ngx_http_realip_module',
  rows: [
    list('set_real_ip_from', EVERYWHERE, 1, 'realIpFrom', readBelieved),
    own('real_ip_header', EVERYWHERE, 1, 'realIpHeader', ({ args: [name] }) =>
      name === 'proxy_protocol' ? { kind: 'proxy protocol' } : { kind: 'field', name: name!.toLowerCase() },
    ),
    flag('real_ip_recursive', EVERYWHERE, 'realIpRecursive'),
  ],
  defaults: {
    realIpFrom: [],
    realIpHeader: { kind: 'field', name: 'x-real-ip' },
    realIpRecursive: false,
  },
}

function readBelieved({ args, at }: DirectiveNode, reading: Reading): Believed[] {
  const who = args[0]!
  if (who === 'unix:') return ['unix']
  const read = readRange(who)
  if (read !== null) {
    if (read.masked) reading.remark('warn', `low address bits of ${who} are meaningless`, at)
    return [read.range]
  }
  if (/^(?=.*[a-z])[\w.-]{1,253}$/i.test(who)) return [{ name: who }]
  reading.problem(`invalid parameter "${who}"`, at)
  return []
}
