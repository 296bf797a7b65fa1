// Variables of the script that a FastCGI app is asked for (ngx_http_fastcgi_script_name_variable and its like). They are
// worked out wherever they are used: `fastcgi_split_path_info` and `fastcgi_index` hold without `fastcgi_pass`, too.

import type { FastcgiSettings } from '../../config/nginx/modules/gateways.ts'
import type { Variable, Visit } from '../../visit.ts'
import { compilePattern } from '../regex.ts'

export const fastcgiVariables: Readonly<Record<string, Variable>> = {
  fastcgi_script_name(visit) {
    const { script } = split(visit)
    return script.endsWith('/') ? script + visit.settings.fastcgi.fastcgiIndex : script
  },
  fastcgi_path_info: visit => split(visit).rest,
}

type Split = NonNullable<FastcgiSettings['splitPathInfo']>

const compiled = new WeakMap<Split, RegExp>()

// A URI that does not match is the script's name as a whole.
function split({ uri, settings }: Visit): { script: string; rest: string } {
  const by = settings.fastcgi.splitPathInfo
  const match = by === null ? null : patternOf(by).exec(uri)
  return match === null ? { script: uri, rest: '' } : { script: match[1] ?? '', rest: match[2] ?? '' }
}

function patternOf(by: Split): RegExp {
  let pattern = compiled.get(by)
  if (pattern === undefined) {
    pattern = compilePattern(by.pattern, by.caseless)
    compiled.set(by, pattern)
  }
  return pattern
}
