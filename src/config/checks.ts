// What must hold between settings that can each be read: one app and one only, places to listen of their own, files that
// can be used. Reports; changes nothing.

import { formatAddress, sameListener } from './addresses.ts'
import type { Address, Config, UpstreamConfig } from './config.ts'
import type { AllGiven, Given } from './environment.ts'
import { checkLogFile, checkTls } from './files.ts'
import type { Values } from './options.ts'
import type { Problem } from './reading.ts'

/** The demonstration brings its own upstream: asked for by a flag it excludes others, by a variable it yields. */
export function chooseDemo(
  values: Values,
  given: AllGiven,
  command: readonly string[],
  problems: Problem[],
): boolean {
  if (!values.demo) return false
  if (command.length > 0 && given.demo?.where === '--demo') {
    const allowed = 'must be empty beside --demo, which brings an app of its own; or leave out --demo'
    problems.push({ where: 'after --', value: command.join(' '), allowed })
  }
  if (given.upstream === undefined && given.config === undefined) return true
  if (given.demo?.where !== '--demo') return false
  if (given.upstream?.where === '--upstream') {
    problems.push({
      where: '--demo',
      value: '',
      allowed: 'brings an app of its own; leave out either --demo or --upstream',
    })
  }
  return true
}

/** There is one app: addresses, a file or the demonstration. @param problems gets what is wrong */
export function checkUpstreams(
  upstreams: readonly UpstreamConfig[],
  given: AllGiven,
  demo: boolean,
  problems: Problem[],
): void {
  if (given.upstream === undefined && given.config === undefined && !demo) {
    problems.push({
      where: '--upstream',
      value: '',
      allowed:
        'must say where your app listens, as in shieldproxy --upstream :8000; to see the shield at work without an app: shieldproxy --demo',
    })
  }
  const seen = new Set<string>()
  for (const { name, address } of upstreams) {
    const key = formatAddress(address)
    if (seen.has(key)) {
      problems.push({
        where: given.upstream?.where ?? '--upstream',
        value: name,
        allowed: 'must be given once; the same address stands here before',
      })
    }
    seen.add(key)
  }
}

/** What stands in the file of `--config` cannot stand beside it as well, and what belongs to one needs one. */
export function checkFile(values: Values, given: AllGiven, problems: Problem[]): void {
  if (values.config === null) {
    for (const name of ['prefix', 'directives', 'error-log'] as const) {
      const written = given[name]
      if (written === undefined) continue
      const allowed = 'belongs to a configuration file, and needs --config beside it'
      problems.push({ where: written.where, value: written.texts.join(' '), allowed })
    }
    return
  }
  for (const name of ['upstream', 'demo'] as const) {
    const written = given[name]
    if (written === undefined || (name === 'demo' && (written.where !== '--demo' || !values.demo))) continue
    const allowed = `must not stand beside ${given.config?.where}, whose file says where requests go; leave out one of the two`
    problems.push({ where: written.where, value: name === 'demo' ? '' : written.texts.join(' '), allowed })
  }
}

/** No two listeners, the admin’s among them, take one address. @param problems gets what is wrong */
export function checkListeners(values: Values, given: AllGiven, problems: Problem[]): void {
  const taken: Address[] = []
  const claim = (address: Address, written: Given | undefined, flag: string) => {
    const other = taken.find(before => sameListener(before, address))
    taken.push(address)
    if (other === undefined) return
    const value = formatAddress(address)
    const allowed = `must be a place of its own; ${formatAddress(other)} already takes it`
    problems.push({ where: written?.where ?? flag, value, allowed })
  }
  if (values.config === null || given.listen !== undefined)
    for (const address of values.listen) claim(address, given.listen, '--listen')
  // The default admin address gives way by itself when it is taken.
  if (values.admin !== 'off' && given.admin !== undefined) claim(values.admin, given.admin, '--admin')
}

/**
 * Files that are named can be used: the log written, the certificate read.
 * @param problems gets what is wrong
 * @returns the certificate and its key; null: none were named
 */
export function checkFiles(values: Values, given: AllGiven, problems: Problem[]): Config['tls'] {
  const accessLog = values['access-log']
  const unwritable = accessLog === null ? null : checkLogFile(accessLog)
  if (unwritable !== null) {
    problems.push({
      where: given['access-log']?.where ?? '--access-log',
      value: accessLog ?? '',
      allowed: unwritable,
    })
  }

  const { 'tls-cert': cert, 'tls-key': key } = values
  const report = (name: 'tls-cert' | 'tls-key', allowed: string | null) => {
    if (allowed !== null)
      problems.push({ where: given[name]?.where ?? `--${name}`, value: values[name] ?? '', allowed })
  }
  if (cert === null && key === null) return null
  if (key === null) report('tls-cert', 'needs --tls-key beside it, the file of its private key')
  else if (cert === null) report('tls-key', 'needs --tls-cert beside it, the file of its certificate')
  else {
    const wrong = checkTls(cert, key)
    report('tls-cert', wrong.cert)
    report('tls-key', wrong.key)
    return { cert, key }
  }
  return null
}
