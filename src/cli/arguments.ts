// The command line's words into flags and modes. Judges no value and no name; `resolve.ts` does, so that all
// problems can be told at once.

import { createRequire } from 'node:module'
import { OPTIONS } from '../config/options.ts'

export interface Arguments {
  /** Flags by long name without dashes, known or not, for `resolveConfig`. */
  readonly flags: Readonly<Record<string, unknown>>
  /** Words that belong to no flag. */
  readonly words: readonly string[]
  /** What follows `--`. */
  readonly command: readonly string[]
  /** `--help`'s topic; empty for the short page, null when help was not asked for. */
  readonly help: string | null
  readonly version: boolean
  /** `-V`: the version in nginx's words, with what is read of its files. */
  readonly build: boolean
  /** `-t`, `-T`: check and exit. */
  readonly test: boolean
  /** `-T`: and print what is in force. */
  readonly dump: boolean
  /** `-q`: and say nothing where all is well. */
  readonly quiet: boolean
  /** `-s`: what a running one is told; null: nothing. */
  readonly signal: string | null
  /** `--print-nginx`: the flags as a file. */
  readonly printNginx: boolean
}

const NOTHING: Arguments = {
  flags: {},
  words: [],
  command: [],
  help: null,
  version: false,
  build: false,
  test: false,
  dump: false,
  quiet: false,
  signal: null,
  printNginx: false,
}

/** Reads the words after the program's name. yargs' parser is loaded only when there are any. */
export function readArguments(argv: readonly string[]): Arguments {
  if (argv.length === 0) return NOTHING
  const parsed = yargsParser()([...argv], {
    // Every value stays the text that was written: `--workers 08` and `--max-body 1e3` are for us to judge.
    string: [...OPTIONS.map(option => option.name), 'help', 's'],
    boolean: ['version', 'V', 't', 'T', 'q', 'print-nginx'],
    alias: {
      help: ['h'],
      version: ['v'],
      ...Object.fromEntries(OPTIONS.filter(o => o.short !== undefined).map(o => [o.name, [o.short]])),
    },
    configuration: {
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'greedy-arrays': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'populate--': true,
      'strip-aliased': true,
    },
  })
  const { _: words, '--': command = [], help, version, ...modesAndFlags } = parsed
  const { V: build, t: test, T: dump, q: quiet, s, 'print-nginx': printNginx, ...flags } = modesAndFlags
  return {
    flags,
    words: words.map(String),
    command: (command as unknown[]).map(String),
    help: help === undefined ? null : String(Array.isArray(help) ? help.at(-1) : help),
    version: isOn(version),
    build: isOn(build),
    test: isOn(test) || isOn(dump),
    dump: isOn(dump),
    quiet: isOn(quiet),
    signal: s === undefined ? null : String(s),
    printNginx: isOn(printNginx),
  }
}

function isOn(flag: unknown): boolean {
  return flag !== undefined && flag !== false
}

/**
 * The parser that yargs brings, found from where yargs is. Not by way of `yargs/helpers`, which loads what lays help
 * pages out as well (ours come from the table): 80 ms more of the start.
 */
function yargsParser(): typeof import('yargs/helpers').Parser {
  const fromYargs = createRequire(import.meta.resolve('yargs'))
  return fromYargs('yargs-parser')
}
