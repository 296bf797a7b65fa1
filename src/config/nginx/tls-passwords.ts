// The passwords that open private keys (`ssl_password_file`, `proxy_ssl_password_file`). Read with the directive and once,
// as nginx reads them: the file may be a pipe that somebody writes into.

import { readFileSync } from 'node:fs'
import { openProblem } from './parser.ts'
import { fromFolder, type Reading } from './table.ts'
import type { DirectiveNode } from './tree.ts'

export interface TlsPasswords {
  readonly path: string
  /** One character a byte. */
  readonly lines: readonly string[]
}

/** Undefined: it cannot be read, which has been said. */
export function readTlsPasswords({ args, at }: DirectiveNode, reading: Reading): TlsPasswords | undefined {
  const path = fromFolder(args[0]!, reading)
  try {
    return { path, lines: passwordsIn(readFileSync(Buffer.from(path, 'latin1'))) }
  } catch (error) {
    reading.problem(openProblem(path, error), at)
    return undefined
  }
}

/** The lines that hold anything (ngx_ssl_read_password_file). */
export function passwordsIn(text: Buffer): string[] {
  const lines = text.toString('latin1').split('\n')
  return lines.map(line => line.replace(/\r$/, '')).filter(line => line !== '')
}
