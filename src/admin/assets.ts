// The files of the live page: from the package, so that it works without the internet. Read when first asked for. In
// the repository the page's TypeScript is stripped of its types here; what is published was built before.

import { readFile } from 'node:fs/promises'
import { createRequire, stripTypeScriptTypes } from 'node:module'
import { fileURLToPath } from 'node:url'
import { isBuilt, packageFile } from '../package-files.ts'

export interface Asset {
  readonly type: string
  readonly body: string
}

const pageFile = (name: string): string => fileURLToPath(packageFile(`admin/page/${name}`))
const require = createRequire(import.meta.url)

const HTML = 'text/html; charset=utf-8'
const CSS = 'text/css; charset=utf-8'
const JS = 'text/javascript; charset=utf-8'

const script = (name: string) => async (): Promise<Asset> => {
  const text = await readFile(pageFile(`${name}.ts`), 'utf8')
  return { type: JS, body: isBuilt ? text : stripTypeScriptTypes(text) }
}
const read = async (type: string, path: string): Promise<Asset> => ({
  type,
  body: await readFile(path, 'utf8'),
})
const file = (type: string, name: string) => () => read(type, pageFile(name))
const library = (type: string, name: string) => () => read(type, require.resolve(name))

const FILES: Readonly<Record<string, () => Promise<Asset>>> = {
  '/': file(HTML, 'index.html'),
  '/page/page.css': file(CSS, 'page.css'),
  '/page/page.js': script('page'),
  ...Object.fromEntries(
    ['charts', 'element', 'slowest'].map(name => [`/page/${name}.${isBuilt ? 'js' : 'ts'}`, script(name)]),
  ),
  '/page/uplot.js': library(JS, 'uplot/dist/uPlot.esm.js'),
  '/page/uplot.css': library(CSS, 'uplot/dist/uPlot.min.css'),
}

const kept = new Map<string, Promise<Asset>>()

/** The file at this path of the page, or null when there is none. */
export function asset(path: string): Promise<Asset> | null {
  const read = Object.hasOwn(FILES, path) ? FILES[path] : undefined
  if (read === undefined) return null
  let found = kept.get(path)
  if (found === undefined) kept.set(path, (found = read()))
  return found
}

/** Nothing but what is served here may run or be loaded, and nobody may frame the page. */
export const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
