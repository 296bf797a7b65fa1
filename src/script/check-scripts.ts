// Looks whether every text and every regular expression of a site can be compiled, before anything is served.

import type { SiteConfig } from '../config/nginx/site.ts'
import type { At, Remark } from '../config/nginx/tree.ts'
import { compilePattern } from './regex.ts'
import { Scripts } from './scripts.ts'
import { findingsOf } from './site-findings.ts'
import { partsOfScript } from './text-parts.ts'
import { isFixed } from './variables/table.ts'

/** What is wrong, in nginx's words, each with its place; none: all can be served. */
export function checkScripts(site: SiteConfig): Remark[] {
  const scripts = new Scripts(site)
  const remarks = new Map<string, Remark>()
  const attempt = (at: At, work: () => unknown): void => {
    try {
      work()
    } catch (error) {
      const message = (error as Error).message
      remarks.set(`${at.file}:${at.line}:${message}`, { level: 'emerg', message, at })
    }
  }
  for (const found of findingsOf(site)) {
    if (found.kind === 'text') {
      const { script } = found
      const { at } = script
      attempt(at, () => {
        for (const part of partsOfScript(script))
          if (typeof part === 'object' && 'variable' in part)
            attempt(at, () => scripts.variable(part.variable))
      })
    } else if (found.kind === 'pattern')
      attempt(found.at, () => compilePattern(found.pattern, found.caseless))
    else attempt(found.at, () => refuseFixed(found.name))
  }
  return [...remarks.values()]
}

function refuseFixed(name: string): void {
  if (isFixed(name)) throw new Error(`the duplicate "${name}" variable`)
}
