// What `--help` prints: the page of the most used options, the page of all, or one option at length. All of it
// comes from the table of options.

import { nearest } from '../config/nearest.ts'
import { environmentName, type Kind, type Option } from '../config/option.ts'
import { findOption, OPTIONS } from '../config/options.ts'
import { quote } from '../config/reading.ts'

const PLACEHOLDERS: Readonly<Record<Kind, string>> = {
  duration: 'TIME',
  size: 'SIZE',
  count: 'N',
  'on|off': 'on|off',
  upstream: 'ADDRESS',
  address: 'ADDRESS',
  choice: 'WORD',
  path: 'PATH',
  text: 'TEXT',
  'url path': 'PATH',
  cidrs: 'RANGES',
}

/** The options that most people need, so that the page fits one screen of 24 lines. */
const MOST_USED = new Set([
  ...['upstream', 'listen', 'workers', 'worker-timeout', 'queue-timeout', 'max-body', 'read-timeout'],
  ...['drain-timeout', 'trusted-proxies', 'admin'],
])

/** On the page of all options only, so that the short one fits its screen. */
const MORE_MODES = [
  line('-T', 'the same, and print what is in force'),
  line('-q', 'with -t or -T: say only what is wrong'),
  line('-s WORD', 'stop, quit, reload or reopen: tell the one that runs'),
  line('-V', 'the version as nginx -V tells it, with the modules that are read'),
  line('--print-nginx', 'print the configuration file that does what these flags do'),
]

const MODES = [
  line('-t', 'check the configuration and exit'),
  line('-h, --help [all|OPTION]', 'this page, that of all options, or one option at length'),
  line('-v, --version', 'print the version'),
]

const UNITS =
  'Times: 250ms 30s 2m 1h; sizes: 512 64k 1m 2g. Each option can be set as SHIELDPROXY_<NAME> too.'

/** The page for a topic: empty, `all`, or an option's name with or without dashes. */
export function helpPage(topic: string, version: string): string {
  if (topic === '') return shortPage(version)
  if (topic === 'all') return fullPage(version)
  const name = topic.replace(/^-+/, '')
  const option = findOption(name) ?? OPTIONS.find(o => o.short === name)
  if (option !== undefined) return optionPage(option)
  const near = nearest(name, [...OPTIONS.map(o => o.name), 'all'])
  const hint = near === null ? '' : ` Did you mean shieldproxy --help ${near}?`
  return `There is no option ${quote(topic)}.${hint}\n\n${shortPage(version)}`
}

function shortPage(version: string): string {
  return page([
    `shieldproxy ${version}: keeps slow clients away from blocking workers`,
    '',
    '  shieldproxy --upstream :8000                   in front of an app on this machine',
    '  shieldproxy --upstream :8000 -- gunicorn app:app    and it runs the app, too',
    '  shieldproxy -c nginx.conf                      as a configuration for nginx says',
    '  shieldproxy --demo                             see the shield at work, no app needed',
    '  shieldproxy top | status | doctor              what holds a worker now, or will',
    '',
    ...OPTIONS.filter(option => MOST_USED.has(option.name)).map(optionLine),
    ...MODES,
    '',
    UNITS,
    `All ${OPTIONS.length} options: shieldproxy --help all, and docs/configuration.md.`,
  ])
}

function fullPage(version: string): string {
  const groups = [...new Set(OPTIONS.map(option => option.group))]
  return page([
    `shieldproxy ${version}: keeps slow clients away from blocking workers`,
    '',
    '  shieldproxy --upstream ADDRESS [options] [-- command args…]',
    '  shieldproxy -c FILE [options] [-- command args…]',
    '',
    ...groups.flatMap(group => [`${group}:`, ...OPTIONS.filter(o => o.group === group).map(optionLine), '']),
    'Instead of running:',
    ...MODES,
    ...MORE_MODES,
    line('top | status | doctor', 'what holds a worker now, or will; shieldproxy top --help'),
    '',
    UNITS,
    'HUP reads the configuration again, USR1 reopens log files; TERM, INT and QUIT drain.',
    'Exit status: 0 stopped cleanly, 1 failed while running, 2 wrong configuration or usage;',
    'with a command after --, the command’s.',
  ])
}

function optionPage(option: Option): string {
  const fallback = option.derived ?? describeDefault(option)
  return page([
    optionLine(option).trimEnd(),
    '',
    ...wrap(option.doc, 92).map(text => `  ${text}`),
    '',
    `  default      ${plain(fallback)}`,
    `  environment  ${environmentName(option)}`,
    ...(option.repeatable ? ['  repeatable   yes; in the environment by comma or white space'] : []),
    `  compare      ${plain(option.precedent)}`,
  ])
}

function optionLine(option: Option): string {
  const short = option.short === undefined ? '    ' : `-${option.short}, `
  const words = option.kind === 'choice' ? 'WORD' : PLACEHOLDERS[option.kind]
  const fallback =
    typeof option.default === 'string' && option.bare === undefined ? ` [${option.default}]` : ''
  return line(
    `${short}--${option.name}${option.bare === undefined ? ` ${words}` : ''}`,
    `${option.help}${fallback}`,
  )
}

function line(left: string, right: string): string {
  const indented = left.startsWith('-') || left.startsWith(' ') ? left : `    ${left}`
  return `  ${indented.padEnd(32)} ${right}`
}

/** A default as it would be written on the command line. */
export function describeDefault(option: Option): string {
  if (option.default === null) return option.derived ?? 'none'
  return typeof option.default === 'string' ? option.default : option.default.join(', ')
}

/** The tables mark code with backticks, which a terminal does not show. */
function plain(text: string): string {
  return text.replaceAll('`', '')
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of plain(text).split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

function page(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`
}
