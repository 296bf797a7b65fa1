// A family of random files: what is drawn for one file, and what it is asked. Each stands in a file of its own in
// `families/`, which exports it as `family`.

import { readdirSync } from 'node:fs'
import type { Compared } from '../compare.ts'
import type { TestRequest } from '../requests.ts'
import type { Choice } from './choice.ts'
import type { Directive } from './directive.ts'

export interface RandomFile {
  /** As in conf.d, within `http`. */
  readonly directives: readonly Directive[]
  readonly requests: readonly TestRequest[]
}

export interface Family {
  /** The same file for the same choice. */
  draw(choice: Choice): RandomFile
  /** Takes out what is different on purpose and only files made by chance show; see also `differences.ts`. */
  excuse?(compared: Compared, request: TestRequest): void
  /** The same for the lines of an access log. */
  excuseLog?(lines: string): string
}

const folder = new URL('families/', import.meta.url)

export const FAMILIES: readonly string[] = readdirSync(folder)
  .filter(name => name.endsWith('.ts'))
  .map(name => name.slice(0, -'.ts'.length))

export async function loadFamily(name: string): Promise<Family> {
  if (!FAMILIES.includes(name)) throw new Error(`no family ${name}: there is ${FAMILIES.join(', ')}`)
  return (await import(new URL(`${name}.ts`, folder).href)).family
}
