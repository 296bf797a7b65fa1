// From a configuration file to a tree of directives, what it includes in its place. Owns braces, includes and their
// globs; knows no directive but `include`.

import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { Lexer, SyntaxProblem } from './lexer.ts'
import type { At, DirectiveNode } from './tree.ts'
import { USUAL_FILES } from './usual-files.ts'

/** Deeper than this, files include one another for ever. */
const MOST_INCLUDES = 32

/** Folders whose files `nginx.conf` includes. */
const SITES = /^(?:conf\.d|http\.d|sites-(?:enabled|available))$/

const PATTERN = /[*?[]/

export interface Parsed {
  readonly nodes: readonly DirectiveNode[]
  /** Every file that was read, in order: for `-T`. */
  readonly files: readonly { readonly path: string; readonly text: string }[]
}

/**
 * Reads a file and what it includes. Paths in `include` are relative to `folder`, the main file's own.
 * @param text instead of what the file holds (`-g`, `-T` of settings without a file)
 * @throws SyntaxProblem with nginx's own words
 */
export function parseFile(path: string, folder: string, text?: string): Parsed {
  const parser = new Parser(folder)
  return { nodes: parser.file(path, null, text), files: parser.files }
}

class Parser {
  readonly files: { path: string; text: string }[] = []
  readonly #folder: string
  #depth = 0

  constructor(folder: string) {
    this.#folder = folder
  }

  file(path: string, from: At | null, given?: string): DirectiveNode[] {
    const text = given ?? this.#read(path, from)
    this.files.push({ path, text })
    const lexer = new Lexer(path, text)
    return this.#block(lexer, path, false)
  }

  #block(lexer: Lexer, file: string, nested: boolean): DirectiveNode[] {
    const nodes: DirectiveNode[] = []
    for (;;) {
      const token = lexer.next()
      const at = { file, line: token.line }
      if (!('words' in token)) {
        if (token.end === '}') {
          if (!nested) throw new SyntaxProblem('unexpected "}"', at)
          return nodes
        }
        if (nested) throw new SyntaxProblem('unexpected end of file, expecting "}"', at)
        return nodes
      }
      const [name, ...args] = token.words as [string, ...string[]]
      const block = token.end === '{' ? this.#within(name, lexer, file) : null
      const node: DirectiveNode = { name, args, at, block }
      if (name !== 'include' || block !== null) nodes.push(node)
      else if (args.length === 1) nodes.push(...this.#include(args[0]!, at))
      else throw new SyntaxProblem('invalid number of arguments in "include" directive', at)
    }
  }

  #within(name: string, lexer: Lexer, file: string): DirectiveNode[] {
    if (!name.endsWith('_by_lua_block')) return this.#block(lexer, file, true)
    lexer.skipProgram()
    return []
  }

  #include(pattern: string, at: At): DirectiveNode[] {
    if (this.#depth >= MOST_INCLUDES) {
      throw new SyntaxProblem(`"${pattern}" is included from itself, more than ${MOST_INCLUDES} deep`, at)
    }
    const path = isAbsolute(pattern) ? pattern : this.#found(pattern)
    const paths = PATTERN.test(path) ? globSync(path).sort() : [path]
    this.#depth++
    const nodes = paths.flatMap(each => this.file(each, at))
    this.#depth--
    return nodes
  }

  // A file of conf.d or of a folder of sites names its files from where nginx.conf is, one folder further up. Of a
  // pattern the folder tells which is meant.
  #found(name: string): string {
    const path = join(this.#folder, name)
    const above = SITES.test(basename(this.#folder)) ? join(dirname(this.#folder), name) : path
    const there = PATTERN.test(name) ? (each: string) => existsSync(dirname(each)) : existsSync
    return there(path) || !there(above) ? path : above
  }

  #read(path: string, from: At | null): string {
    try {
      return readFileSync(path, 'latin1')
    } catch (error) {
      const usual = from === null ? undefined : USUAL_FILES.get(basename(path))
      if (usual !== undefined) return usual
      throw new SyntaxProblem(openProblem(path, error), from ?? { file: path, line: 0 })
    }
  }
}

/** Why a file could not be opened, as nginx's log has it. */
export function openProblem(path: string, error: unknown): string {
  const { code, errno = 0 } = error as NodeJS.ErrnoException
  const words: Record<string, string> = {
    ENOENT: 'No such file or directory',
    EACCES: 'Permission denied',
    EISDIR: 'Is a directory',
  }
  return `open() "${path}" failed (${Math.abs(errno)}: ${words[code ?? ''] ?? code})`
}
