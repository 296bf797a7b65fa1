// A directive of a random file, as a tree: what is made, taken apart by the shrinking, and written.

export interface Directive {
  /** Its name and arguments, quoted as they stand in the file. */
  readonly words: readonly string[]
  /** Null: it ends with a semicolon. */
  readonly block: readonly Directive[] | null
}

export function line(...words: string[]): Directive {
  return { words, block: null }
}

export function block(words: readonly string[], inner: readonly Directive[]): Directive {
  return { words, block: inner }
}

export function writeDirectives(directives: readonly Directive[], indent = ''): string {
  return directives
    .map(({ words, block }) => {
      const said = `${indent}${words.join(' ')}`
      return block === null
        ? `${said};\n`
        : `${said} {\n${writeDirectives(block, `${indent}    `)}${indent}}\n`
    })
    .join('')
}

/** A word as an argument: in quotes where the file would read it otherwise. */
export function quoted(word: string): string {
  return word === '' || /[\s{};"'\\#]/.test(word) ? `"${word.replace(/["\\]/g, '\\$&')}"` : word
}
