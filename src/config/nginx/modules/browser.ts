// Which browsers are taken for modern and which for ancient (ngx_http_browser_module). What a browser says of itself is
// read where the variables are worked out.

import { text } from '../rows.ts'
import { EVERYWHERE, type Level, type Module, type Reading } from '../table.ts'
import type { DirectiveNode } from '../tree.ts'

export const BROWSER_NAMES = ['opera', 'msie', 'gecko', 'safari', 'konqueror'] as const

export interface ModernBrowser {
  readonly name: (typeof BROWSER_NAMES)[number]
  /** The least version that is modern, as one number: `major.minor.…`, of which each part counts for a hundredth. */
  readonly version: number
}

export interface BrowserSettings {
  /** Empty: none is named. */
  readonly modernBrowsers: readonly ModernBrowser[]
  /** What is named nowhere is modern. */
  readonly modernUnlisted: boolean
  readonly modernBrowserValue: string
  /** Whoever has one of these in its name is ancient. */
  readonly ancientBrowsers: readonly string[]
  /** Netscape before its fifth version is ancient. */
  readonly ancientNetscape: boolean
  readonly ancientBrowserValue: string
}

export const browser: Module = {
  name: 'ngx_http_browser_module',
  rows: [
    { name: 'modern_browser', in: EVERYWHERE, args: [1, 2], repeats: true, take: takeModern },
    // The last one holds.
    { ...text('modern_browser_value', EVERYWHERE, 'modernBrowserValue'), repeats: true },
    {
      name: 'ancient_browser',
      in: EVERYWHERE,
      args: [1, Number.POSITIVE_INFINITY],
      repeats: true,
      take: takeAncient,
    },
    { ...text('ancient_browser_value', EVERYWHERE, 'ancientBrowserValue'), repeats: true },
  ],
  defaults: {
    modernBrowsers: [],
    modernUnlisted: false,
    modernBrowserValue: '1',
    ancientBrowsers: [],
    ancientNetscape: false,
    ancientBrowserValue: '1',
  },
}

function takeModern({ args, at }: DirectiveNode, { own }: Level, reading: Reading): void {
  const [word, written] = args as [string, string | undefined]
  if (written === undefined) {
    if (word === 'unlisted') own.modernUnlisted = true
    else reading.problem(`"modern_browser" needs a version behind "${word}"`, at)
    return
  }
  const name = BROWSER_NAMES.find(each => each === word.toLowerCase())
  const version = versionOf(written)
  if (name === undefined) reading.problem(`unknown browser name "${word}"`, at)
  else if (version === null) reading.problem(`invalid browser version "${written}"`, at)
  else
    own.modernBrowsers = [...((own.modernBrowsers as ModernBrowser[] | undefined) ?? []), { name, version }]
}

function takeAncient({ args }: DirectiveNode, { own }: Level): void {
  if (args.includes('netscape4')) own.ancientNetscape = true
  const names = args.filter(name => name !== 'netscape4')
  const before = (own.ancientBrowsers as string[] | undefined) ?? []
  if (names.length > 0) own.ancientBrowsers = [...before, ...names]
}

/**
 * Up to four numbers between dots as one number, in which each is worth a hundred times the next; null: it holds anything
 * else.
 */
export function versionOf(written: string): number | null {
  if (!/^[\d.]+$/.test(written)) return null
  const scales = [1_000_000, 10_000, 100, 1]
  return written
    .split('.')
    .slice(0, scales.length)
    .reduce((sum, part, place) => sum + Number(part) * scales[place]!, 0)
}
