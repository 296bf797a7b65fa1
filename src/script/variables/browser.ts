// $modern_browser, $ancient_browser and $msie: what a client's browser counts as, by what it calls itself
// (ngx_http_browser_module).

import { BROWSER_NAMES, type ModernBrowser, versionOf } from '../../config/nginx/modules/browser.ts'
import type { Settings } from '../../config/nginx/settings.ts'
import type { Variable, Visit } from '../../visit.ts'
import { isExplorer } from '../browsers.ts'

export const browserVariables: Readonly<Record<string, Variable>> = {
  msie: visit => (isExplorer(agentOf(visit) ?? '') ? '1' : ''),
  modern_browser: visit => (isModern(visit) ? visit.settings.modernBrowserValue : ''),
  ancient_browser: visit => (isModern(visit) ? '' : visit.settings.ancientBrowserValue),
}

function agentOf({ headers }: Visit): string | undefined {
  return headers.get('user-agent')
}

function isModern(visit: Visit): boolean {
  const { settings } = visit
  const agent = agentOf(visit)
  if (agent === undefined) return settings.modernUnlisted
  const named = settings.modernBrowsers
  if (named.length > 0) {
    // The first that it names itself by decides, whatever it says of others.
    for (const each of inOrder(named)) {
      const version = versionIn(each, agent)
      if (version !== null) return version >= each.version
    }
    if (!settings.modernUnlisted) return false
  }
  return settings.modernUnlisted && !isAncient(settings, agent)
}

function isAncient({ ancientNetscape, ancientBrowsers }: Settings, agent: string): boolean {
  if (ancientNetscape && agent.length > 'Mozilla/4.72 '.length && /^Mozilla\/[1-4]/.test(agent)) return true
  return ancientBrowsers.some(name => agent.includes(name))
}

/** Where each names itself, from which place on, and what stands before its version. */
const MARKS: Readonly<Record<ModernBrowser['name'], { skip: number; mark: string; add: number }>> = {
  opera: { skip: 0, mark: 'Opera', add: 'Opera '.length },
  msie: { skip: 'Mozilla/4.0 (compatible; '.length, mark: 'MSIE ', add: 'MSIE '.length },
  gecko: { skip: 'Mozilla/5.0 ('.length, mark: 'rv:', add: 'rv:'.length },
  safari: { skip: 'Mozilla/5.0 ('.length, mark: 'Safari/', add: 'Safari/'.length },
  konqueror: { skip: 'Mozilla/5.0 (compatible; '.length, mark: 'Konqueror/', add: 'Konqueror/'.length },
}

const sorted = new WeakMap<readonly ModernBrowser[], readonly ModernBrowser[]>()

// Opera first, since it calls itself by others' names, too: where nobody asks for it, it is not modern.
function inOrder(named: readonly ModernBrowser[]): readonly ModernBrowser[] {
  let found = sorted.get(named)
  if (found === undefined) {
    const place = ({ name }: ModernBrowser) => BROWSER_NAMES.indexOf(name)
    const opera = named.some(({ name }) => name === 'opera') ? [] : [NO_OPERA]
    found = [...named, ...opera].sort((a, b) => place(a) - place(b))
    sorted.set(named, found)
  }
  return found
}

const NO_OPERA: ModernBrowser = { name: 'opera', version: Number.POSITIVE_INFINITY }

// Null: it does not call itself so. What has no digits has version 0.
function versionIn({ name }: ModernBrowser, agent: string): number | null {
  const { skip, mark, add } = MARKS[name]
  const at = skip >= agent.length ? -1 : agent.indexOf(mark, skip)
  if (at === -1 || at + add >= agent.length) return null
  const [written] = /^[\d.]*/.exec(agent.slice(at + add, at + add + LONGEST_VERSION))!
  return versionOf(written) ?? 0
}

/** Characters of a version that are looked at. */
const LONGEST_VERSION = 32
