// `shieldproxy doctor`: what will hold or lose workers, with evidence and remedy, from the settings, the machine, the
// running app, and a gunicorn configuration. Looks and tells; changes nothing.

import { formatAddress } from '../../../config/addresses.ts'
import type { Config } from '../../../config/config.ts'
import { type Finding, judge } from '../../../config/judgement.ts'
import { resolveConfig } from '../../../config/resolve.ts'
import { SpoolStore } from '../../../spool/store.ts'
import { describeWrong, namesFile, siteReader } from '../../site-file.ts'
import { CommandError } from '../admin-client.ts'
import type { Asked } from '../commands.ts'
import { judgeApp, lookAtApp } from './app-check.ts'
import { commandedGunicorn, runningGunicorn } from './gunicorn-command-line.ts'
import { judgeGunicorn } from './gunicorn-judgement.ts'
import { describeWorkers, type GunicornSettings, readGunicornSettings } from './gunicorn-settings.ts'

/** @returns the exit status: 0 when there is nothing to mend, 1 when there is */
export async function doctor({ flags, command, env, io }: Asked): Promise<number> {
  const { gunicorn, ...options } = flags
  if (gunicorn !== undefined && (typeof gunicorn !== 'string' || gunicorn === '')) {
    throw new CommandError('--gunicorn must be the path of one gunicorn configuration file', 2)
  }
  const config = await settingsOf(options, command, env, gunicorn !== undefined)
  const looked: string[] = []
  const findings: Finding[] = []
  // A file, a command and a running master may tell the same: it is said once.
  const judgeSettings = (settings: GunicornSettings) => {
    const said = new Set(findings.map(({ finding }) => finding))
    findings.push(...judgeGunicorn(settings, config).filter(({ finding }) => !said.has(finding)))
  }
  const judgeStarted = (settings: GunicornSettings) => {
    looked.push(`${settings.from} (${describeWorkers(settings)})`)
    judgeSettings(settings)
  }
  if (config !== null) {
    looked.push('the settings')
    findings.push(...judge(config), ...judgeSpool(config))
    for (const { address, name } of config.upstreams) {
      const path = config.healthcheckPaths[0] ?? '/'
      looked.push(`the app at ${formatAddress(address)} (GET ${path})`)
      findings.push(...judgeApp(await lookAtApp(address, path, name), address, path))
    }
    const started = [
      commandedGunicorn(command, env),
      ...(await Promise.all(config.upstreams.map(({ address }) => runningGunicorn(address)))),
    ]
    for (const settings of started) if (settings !== null) judgeStarted(settings)
  }
  if (typeof gunicorn === 'string') {
    const settings = await readGunicornSettings(gunicorn, env)
    looked.push(`${gunicorn} (by ${settings.from})`)
    judgeSettings(settings)
  }
  io.stdout.write(report(looked, findings))
  return findings.length === 0 ? 0 : 1
}

/** Null when nothing but a gunicorn file was given: then that is all that is looked at. */
async function settingsOf(
  flags: Readonly<Record<string, unknown>>,
  command: readonly string[],
  env: NodeJS.ProcessEnv,
  optional: boolean,
): Promise<Config | null> {
  if (optional && flags.upstream === undefined && !env.SHIELDPROXY_UPSTREAM && !namesFile(flags, env))
    return null
  const resolved = resolveConfig({ flags, env, command, ...(await siteReader(flags, env)) })
  if ('problems' in resolved) {
    const wrong = describeWrong(resolved.problems, resolved.remarks)
    throw new CommandError(`the settings themselves are wrong\n  ${wrong.join('\n  ')}`, 2)
  }
  return resolved.config
}

function judgeSpool(config: Config): Finding[] {
  const found: Finding[] = []
  const { spoolMemory: memory, spoolDisk: disk, spoolDir: dir, maxBody } = config
  const store = SpoolStore.open({
    memory,
    disk,
    dir,
    warn: message =>
      found.push({
        finding: 'large requests and answers cannot be put on disk',
        evidence: message,
        remedy: 'give --spool-dir a folder on a disk that this user can write to (a volume, in a container)',
      }),
  })
  const limit = store.limits.disk
  store.close()
  // Requests have half of the disk, and one client a quarter of it.
  if (found.length === 0 && limit > 0 && maxBody < Number.MAX_SAFE_INTEGER && maxBody > limit / 4) {
    found.push({
      finding: 'an upload that --max-body allows does not fit its share of the spool, and gets 503',
      evidence: `--max-body ${megabytes(maxBody)}; a quarter of the spool's disk is ${megabytes(limit / 4)} in ${dir}`,
      remedy: `make room in ${dir}, give --spool-dir another disk, or lower --max-body`,
    })
  }
  return found
}

function report(looked: readonly string[], findings: readonly Finding[]): string {
  const what = `Looked at ${looked.join(', ')}.\n`
  if (findings.length === 0) return `${what}Nothing to mend was found.\n`
  const parts = findings.map(
    ({ finding, evidence, remedy }, i) =>
      `\n${i + 1}. ${finding}\n   seen: ${evidence}\n   do:   ${remedy}\n`,
  )
  return `${what}${parts.join('')}`
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MB`
}
