// Formats of access logs: from what `log_format` says to lines. Compiled once for a site, at the first line.

import type { LogFormatConfig, SiteConfig } from '../config/nginx/site.ts'
import { partsOf } from '../script/text-parts.ts'
import type { SiteFacts, Visit } from '../visit.ts'
import { ESCAPES } from './log-escape.ts'

/** A line of a request, without its end. */
export type LineOf = (visit: Visit) => string

/** The one that is there without being defined (ngx_http_combined_fmt). */
const COMBINED: LogFormatConfig = {
  name: 'combined',
  escape: 'default',
  format: {
    text:
      '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent ' +
      '"$http_referer" "$http_user_agent"',
    at: { file: '', line: 0 },
  },
}

export class LogFormats {
  readonly #configs = new Map<string, LogFormatConfig>()
  readonly #compiled = new Map<string, LineOf>()

  constructor({ logFormats }: Pick<SiteConfig, 'logFormats'>) {
    // Names are looked for without minding case, and of several the first one holds.
    for (const config of [COMBINED, ...logFormats]) {
      const name = config.name.toLowerCase()
      if (!this.#configs.has(name)) this.#configs.set(name, config)
    }
  }

  /** @param name in lower case */
  line(name: string, visit: Visit): string {
    let lineOf = this.#compiled.get(name)
    if (lineOf === undefined) {
      lineOf = compile(this.#configs.get(name)!, visit.site)
      this.#compiled.set(name, lineOf)
    }
    return lineOf(visit)
  }
}

function compile({ escape: how, format }: LogFormatConfig, site: SiteFacts): LineOf {
  const escaped = ESCAPES[how]
  const parts = partsOf(format.text).map(part => {
    if (typeof part === 'string') return part
    return site.variable('variable' in part ? part.variable : String(part.capture))
  })
  return visit => {
    let line = ''
    for (const part of parts) line += typeof part === 'string' ? part : escaped(part(visit))
    return line
  }
}
