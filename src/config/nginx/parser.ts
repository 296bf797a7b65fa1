// From a configuration file to a tree of directives, what it includes in its place. Owns braces, includes and their
// globs; knows no directive but `include`.

import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, isAbsolute, resolve } from 'node:path'
import { isPattern, matchingPaths } from './glob.ts'
import { COMMAND_LINE, Lexer, SyntaxProblem } from './lexer.ts'
import { besideMainFile } from './site-folder.ts'
import type { At, DirectiveNode } from './tree.ts'
import { USUAL_FILES } from './usual-files.ts'

/** Deeper than this, files include one another for ever. */
const MOST_INCLUDES = 32

export interface Parsed {
  readonly nodes: readonly DirectiveNode[]
  /** Every file that was read, in order: for `-T`. */
  readonly files: readonly { readonly path: string; readonly text: string }[]
  /** What could not be read, in nginx's own words. Of such a file the nodes are those before it. */
  readonly problems: readonly SyntaxProblem[]
}

/**
 * Reads a file and what it includes. Paths in `include` are relative to `folder`, the main file's own.
 * @param text instead of what the file holds (`-g`, `-T` of settings without a file)
 */
export function parseFile(path: string, folder: string, text?: string): Parsed {
  const parser = new Parser(folder)
  return { nodes: parser.file(path, null, text), files: parser.files, problems: parser.problems }
}

class Parser {
  readonly files: { path: string; text: string }[] = []
  readonly problems: SyntaxProblem[] = []
  readonly #folder: string
  #depth = 0
  /** Files that include one another for ever: nothing more is read. */
  #endless = false

  constructor(folder: string) {
    this.#folder = folder
  }

  // What is wrong in one file says nothing of those beside it.
  file(path: string, from: At | null, given?: string): DirectiveNode[] {
    const nodes: DirectiveNode[] = []
    try {
      const text = given ?? this.#read(path, from)
      this.files.push({ path, text })
      this.#block(new Lexer(path, text), path, nodes, false)
    } catch (error) {
      if (!(error instanceof SyntaxProblem)) throw error
      if (!this.#endless || this.problems.at(-1) !== error) this.problems.push(error)
      if (this.#endless && from !== null) throw error
    }
    return nodes
  }

  #block(lexer: Lexer, file: string, nodes: DirectiveNode[], nested: boolean): void {
    for (;;) {
      const token = lexer.next()
      const at = { file, line: token.line }
      if (!('words' in token)) {
        if (nested === (token.end === '}')) return
        throw new SyntaxProblem(nested ? 'unexpected end of file, expecting "}"' : 'unexpected "}"', at)
      }
      const [name, ...args] = token.words as [string, ...string[]]
      if (token.end === '{' && name === 'include')
        throw new SyntaxProblem('directive "include" is not terminated by ";"', at)
      if (token.end === '{' && file === COMMAND_LINE)
        throw new SyntaxProblem('block directives are not supported in -g option', at)
      if (token.end === '{') {
        const block: DirectiveNode[] = []
        nodes.push({ name, args, at, block })
        if (name.endsWith('_by_lua_block')) lexer.skipProgram()
        else this.#block(lexer, file, block, true)
      } else if (name !== 'include') nodes.push({ name, args, at, block: null })
      else if (args.length === 1) nodes.push(...this.#include(args[0]!, at))
      else throw new SyntaxProblem('invalid number of arguments in "include" directive', at)
    }
  }

  #include(pattern: string, at: At): DirectiveNode[] {
    if (this.#depth >= MOST_INCLUDES) {
      this.#endless = true
      throw new SyntaxProblem(`"${pattern}" is included from itself, more than ${MOST_INCLUDES} deep`, at)
    }
    // The text of a file is one character a byte, and the name of another is what they spell.
    const name = Buffer.from(pattern, 'latin1').toString()
    const path = isAbsolute(name) ? name : this.#found(name)
    const paths = isPattern(path) ? matchingPaths(resolve(path)) : [path]
    this.#depth++
    const nodes = paths.flatMap(each => this.file(each, at))
    this.#depth--
    return nodes
  }

  // Of a pattern the folder tells which is meant.
  #found(name: string): string {
    const there = isPattern(name) ? (each: string) => existsSync(dirname(each)) : existsSync
    return besideMainFile(this.#folder, name, there)
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
