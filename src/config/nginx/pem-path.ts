// Where a certificate or a key is, as a directive says it: a file, whose name may hold variables, or the thing itself
// behind `data:`. Opens nothing.

import type { Script } from './site.ts'
import { fromFolder, type Reading } from './table.ts'
import type { DirectiveNode } from './tree.ts'

export interface PemPath {
  /** As it was written where it holds variables or begins with `data:`; else the absolute path. */
  readonly path: Script
  /** What a path that comes out relative is below. */
  readonly folder: string
}

/** Null: it cannot be one, which has been said. */
export function readPemPath({ name, args, at }: DirectiveNode, reading: Reading): PemPath | null {
  const text = args[0]!
  const [, kind] = /^(engine|store):/.exec(text) ?? []
  if (kind !== undefined) {
    reading.problem(`"${kind}:" is not supported in "${name}": name a file`, at)
    return null
  }
  const asWritten = text.includes('$') || isData(text)
  return { path: { text: asWritten ? text : fromFolder(text, reading), at }, folder: reading.folder }
}

/** It is no file: the certificate or key itself stands there. */
export function isData(value: string): boolean {
  return value.startsWith('data:')
}

/** It is known before anybody connects. */
export function isConstant({ path }: PemPath): boolean {
  return !path.text.includes('$') || isData(path.text)
}

/** What is to be read when the variables have come to this: an absolute path, or `data:` and what stands behind it. */
export function resolvePem({ folder }: Pick<PemPath, 'folder'>, value: string): string {
  return isData(value) ? value : fromFolder(value, { folder })
}
