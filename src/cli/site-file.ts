// The configuration file in nginx's syntax, as the command line meets it: what reads it is loaded only where there is
// one, and what is wrong with it is told in nginx's manner.

import type { Remark } from '../config/nginx/tree.ts'
import { environmentName } from '../config/option.ts'
import { describeProblem, type Problem } from '../config/reading.ts'
import type { Resolved, Sources } from '../config/resolve.ts'

/** Whether a file is given, as a flag or a variable. */
export function namesFile(flags: Sources['flags'], env: NodeJS.ProcessEnv): boolean {
  return flags.config !== undefined || (env[environmentName({ name: 'config' })]?.trim() ?? '') !== ''
}

/**
 * What reads configuration files; undefined where none is given, so that nobody waits for it to load.
 * @param forUse whether what the file names on disk is to be used; who sends a signal needs only the file
 */
export async function siteReader(
  flags: Sources['flags'],
  env: NodeJS.ProcessEnv,
  forUse = true,
): Promise<Pick<Sources, 'readSite'>> {
  if (!namesFile(flags, env)) return {}
  const [
    { readSite },
    { everySetting },
    { checkScripts },
    { checkTerms },
    { checkUpstreamTls },
    { checkCacheFolders },
  ] = await Promise.all([
    import('../config/nginx/read-site.ts'),
    import('../config/nginx/every-setting.ts'),
    import('../script/check-scripts.ts'),
    import('../listen/site-terms.ts'),
    import('../upstream/upstream-tls.ts'),
    import('../cache/folders.ts'),
  ])
  return {
    readSite: source => {
      const read = readSite(source)
      if (read.site === null) return read
      const secured = checkUpstreamTls(everySetting(read.site.servers))
      const folders = forUse ? checkCacheFolders(read.site.caches) : []
      const found = [...checkScripts(read.site), ...checkTerms(read.site), ...secured, ...folders]
      const site = found.some(({ level }) => level === 'emerg') ? null : read.site
      return found.length === 0 ? read : { ...read, site, remarks: [...read.remarks, ...found] }
    },
  }
}

/** `unknown directive "x" in nginx.conf:3`. */
function withPlace({ message, at }: Remark): string {
  // A line of 0 is no line: of the file as a whole. Nor has the command line any.
  const line = at === null || at.line === 0 || at.file === 'command line' ? '' : `:${at.line}`
  return at === null ? message : `${message} in ${at.file}${line}`
}

/** One line of what is wrong, to mind, or without effect: `[emerg] unknown directive "x" in nginx.conf:3`. */
export function describeRemark(remark: Remark): string {
  return `[${remark.level}] ${withPlace(remark)}`
}

/** All that is wrong, in flags and file, each a sentence with its place. */
export function describeWrong(problems: readonly Problem[], remarks: readonly Remark[]): string[] {
  const inFile = remarks.filter(({ level }) => level === 'emerg')
  return [...problems.map(describeProblem), ...inFile.map(withPlace)]
}

/** The lines for a start: what is wrong, what to mind; of what has no effect only how much there is. */
export function linesForStart(
  problems: readonly Problem[],
  { remarks }: Pick<Resolved, 'remarks'>,
): string[] {
  const wrong = describeWrong(problems, remarks).map(line => `[emerg] ${line}`)
  const warnings = remarks.filter(({ level }) => level === 'warn').map(describeRemark)
  const notices = remarks.filter(({ level }) => level === 'notice').length
  const more = notices === 0 ? [] : [`[notice] ${notices} more to know of the file; -t shows them`]
  return [...wrong, ...warnings, ...more]
}
