// `-t` and `-T`: what is said of the settings instead of running with them. Without a configuration file in words of our
// own; with one as nginx says it, since people and their scripts read that.

import { resolve } from 'node:path'
import { OPTIONS } from '../config/options.ts'
import { printNginx } from '../config/print-nginx.ts'
import type { Problem } from '../config/reading.ts'
import type { Resolved } from '../config/resolve.ts'
import type { Arguments } from './arguments.ts'
import { describeDefault } from './help.ts'
import type { Io } from './parts.ts'
import { describeRemark, describeWrong } from './site-file.ts'

/**
 * Tells what was found in a file and beside it.
 * @returns whether all is well
 */
export function tellOfFile(
  words: Pick<Arguments, 'dump' | 'quiet'>,
  problems: readonly Problem[],
  resolved: Resolved,
  io: Io,
): boolean {
  const { remarks, files } = resolved
  const well = 'config' in resolved && problems.length === 0
  const path = 'config' in resolved ? (resolved.config.site?.file ?? '') : (files[0]?.path ?? named(resolved))
  const others = remarks.filter(({ level }) => level !== 'emerg' && !(words.quiet && level === 'notice'))
  const wrong = describeWrong(problems, remarks).map(line => `[emerg] ${line}`)
  const lines = [...wrong, ...others.map(describeRemark)]
  if (!well) lines.push(`configuration file ${path} test failed`)
  else if (!words.quiet) {
    lines.push(`the configuration file ${path} syntax is ok`, `configuration file ${path} test is successful`)
  }
  for (const line of lines) io.stderr.write(`shieldproxy: ${line}\n`)
  if (well && words.dump) {
    // Before the first file: whoever reads this takes what follows on the name of a file for its text.
    io.stdout.write(settingsInForce(resolved))
    const told = new Set<string>()
    for (const { path, text } of files) {
      // What is included twice is the same both times.
      if (told.has(path)) continue
      told.add(path)
      io.stdout.write(`# configuration file ${path}:\n`)
      // Every byte as it is in the file.
      io.stdout.write(Buffer.from(text, 'latin1'))
      io.stdout.write('\n')
    }
  }
  return well
}

/**
 * `--print-nginx`, and what `-T` prints where no file is given: the file that these flags stand for.
 * @returns false: there is none
 */
export function nginxFile(resolved: Resolved, io: Io): boolean {
  if (!('config' in resolved)) return false
  const { config, given } = resolved
  if (config.site !== null || config.demo) {
    const why = config.demo ? 'the demonstration has no app that a file could name' : 'this is a file already'
    io.stderr.write(
      `shieldproxy: --print-nginx writes flags as a file, and ${why}; -T prints what is in force\n`,
    )
    return false
  }
  io.stdout.write(printNginx(config, given))
  return true
}

function named(resolved: Resolved): string {
  const { config, prefix } = resolved.given
  return config === undefined ? '' : resolve(prefix?.texts[0] ?? '', config.texts[0] ?? '')
}

/** What flags, variables and defaults say beside the file, as comments. */
function settingsInForce({ given }: Resolved): string {
  const lines = OPTIONS.map(option => {
    const written = given[option.name]
    const flag = `--${option.name}`
    return written === undefined
      ? `#   ${flag} ${describeDefault(option)}`.replaceAll('`', '')
      : `#   ${flag} ${written.texts.join(' ')}    (${written.where})`
  })
  return `# settings beside the file; what the file says of the same counts unless they were given:\n${lines.join('\n')}\n`
}
