// Who may come in: allow and deny, passwords, subrequests that decide, how they combine, and referers and links that
// are checked (nginx's access, auth_basic, auth_request, referer and secure_link modules).

import { type AddressRange, readRange } from '../range.ts'
import { harmless, list, own, script, text, time, word } from '../rows.ts'
import type { Script } from '../site.ts'
import { type Context, EVERYWHERE, type Module, type Reading } from '../table.ts'
import type { DirectiveNode } from '../tree.ts'
import { checkReferers, type Referer, readReferers } from './referers.ts'

/** A line of `allow` or `deny`. */
export interface AccessRule {
  readonly allow: boolean
  readonly who: 'all' | 'unix' | AddressRange
}

export interface AccessSettings {
  /** In their order; the first that fits decides. */
  readonly accessRules: readonly AccessRule[]
  readonly satisfy: 'all' | 'any'
  /** The realm; one that comes to `off` asks for no password. */
  readonly authBasic: Script | null
  /** Relative to the folder of the configuration file. */
  readonly authUserFile: Script | null
  readonly authRequest: string | null
  readonly authRequestSets: readonly { readonly variable: string; readonly value: Script }[]
  /** How long a refusal for want of a password takes, in milliseconds. */
  readonly authDelay: number
  readonly validReferers: readonly Referer[] | null
  readonly secureLink: Script | null
  readonly secureLinkMd5: Script | null
  readonly secureLinkSecret: string | null
}

const AND_EXCEPT: readonly Context[] = [...EVERYWHERE, 'limit_except']
const HASHES = 'names are looked up in tables that need no tuning'

export const access: Module = {
  name: 'ngx_http_access_module',
  rows: [
    list('allow', AND_EXCEPT, 1, 'accessRules', readRule),
    list('deny', AND_EXCEPT, 1, 'accessRules', readRule),
    word('satisfy', EVERYWHERE, 'satisfy', ['all', 'any']),
    script('auth_basic', AND_EXCEPT, 'authBasic'),
    script('auth_basic_user_file', AND_EXCEPT, 'authUserFile'),
    own('auth_request', EVERYWHERE, 1, 'authRequest', ({ args }) => (args[0] === 'off' ? null : args[0]!)),
    list('auth_request_set', EVERYWHERE, 2, 'authRequestSets', readSet),
    time('auth_delay', EVERYWHERE, 'authDelay'),
    list(
      'valid_referers',
      ['server', 'location'],
      [1, Number.POSITIVE_INFINITY],
      'validReferers',
      readReferers,
    ),
    harmless('referer_hash_max_size', ['server', 'location'], 'number', HASHES),
    harmless('referer_hash_bucket_size', ['server', 'location'], 'number', HASHES),
    script('secure_link', EVERYWHERE, 'secureLink'),
    script('secure_link_md5', EVERYWHERE, 'secureLinkMd5'),
    text('secure_link_secret', EVERYWHERE, 'secureLinkSecret'),
  ],
  defaults: {
    accessRules: [],
    satisfy: 'all',
    authBasic: null,
    authUserFile: null,
    authRequest: null,
    authRequestSets: [],
    authDelay: 0,
    validReferers: null,
    secureLink: null,
    secureLinkMd5: null,
    secureLinkSecret: null,
  },
  // The old way and the new one are not had at once (ngx_http_secure_link_merge_conf).
  merge(settings, own) {
    if (typeof own.secureLinkSecret === 'string') settings.secureLink = settings.secureLinkMd5 = null
    else if (settings.secureLink !== null || settings.secureLinkMd5 !== null) settings.secureLinkSecret = null
  },
  check(_site, settings, reading) {
    const lists = new Set(settings.map(({ validReferers }) => validReferers))
    for (const referers of lists) if (referers !== null) checkReferers(referers, reading)
  },
}

function readRule({ name, args, at }: DirectiveNode, reading: Reading): AccessRule[] {
  const allow = name === 'allow'
  const who = args[0]!
  if (who === 'all') return [{ allow, who }]
  if (who === 'unix:') return [{ allow, who: 'unix' }]
  const read = readRange(who)
  if (read === null) {
    reading.problem(`invalid parameter "${who}"`, at)
    return []
  }
  if (read.masked) reading.remark('warn', `low address bits of ${who} are meaningless`, at)
  return [{ allow, who: read.range }]
}

function readSet({ args: [name, value], at }: DirectiveNode, reading: Reading) {
  if (/^\$\w+$/.test(name!)) return [{ variable: name!.slice(1), value: { text: value!, at } }]
  reading.problem(`invalid variable name "${name}"`, at)
  return []
}
