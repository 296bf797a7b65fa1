// What a site writes down: the access logs of its places, and its error log. Decides which of them gets a line; formats,
// files and syslog have their own files. One for each data plane, as each of nginx's workers has its own.

import { resolve } from 'node:path'
import { everySetting } from '../config/nginx/every-setting.ts'
import type { AccessLog } from '../config/nginx/modules/log.ts'
import type { Syslog } from '../config/nginx/modules/syslog.ts'
import { isWithin, readPlainAddress } from '../config/nginx/range.ts'
import type { ErrorLevel, ErrorLogConfig, Script, SiteConfig } from '../config/nginx/site.ts'
import { saysYes } from '../script/predicates.ts'
import type { Visit } from '../visit.ts'
import { LogFormats } from './access-log-format.ts'
import { ERROR_LEVELS, errorLine } from './error-line.ts'
import { HeldLines } from './held-lines.ts'
import { LogFiles, type LogFilesOptions } from './log-files.ts'
import { NamedLogs } from './named-logs.ts'
import type { Lines } from './sink.ts'
import { SyslogSender } from './syslog.ts'

export interface SiteLogsOptions extends LogFilesOptions {
  /** What holds where the file names no error log (`-e`); absent: standard error. */
  readonly errorLog?: string | null
}

/** What is told in detail of the end of a request, in nginx's words. */
const ENDED: Script = {
  text: 'http finalize request: $status, "$uri$is_args$args"',
  at: { file: '', line: 0 },
}

export class SiteLogs {
  readonly #options: SiteLogsOptions
  readonly #formats: LogFormats
  readonly #files: LogFiles
  readonly #named: NamedLogs
  readonly #syslog: SyslogSender
  /** Of logs that hold lines back, by path: what is said of one file is said of it everywhere. */
  readonly #held = new Map<string, HeldLines>()
  readonly #usual: readonly ErrorLogConfig[]
  readonly #told = new Set<string>()
  readonly #debugged: SiteConfig['main']['debugged']
  /** Some log takes what is of level `debug`, at least of some clients: so much is not made up for nobody. */
  readonly debugs: boolean

  constructor(site: SiteConfig, options: SiteLogsOptions) {
    this.#options = options
    this.#formats = new LogFormats(site)
    this.#files = new LogFiles(options)
    this.#named = new NamedLogs({ problem: (level, message) => this.error(level, message, null) })
    this.#syslog = new SyslogSender(options.warn)
    const path = options.errorLog === null || options.errorLog === undefined ? 'stderr' : options.errorLog
    this.#usual =
      site.main.errorLog.length > 0 ? site.main.errorLog : [{ path, level: 'error', syslog: null }]
    this.#openAll(site)
    this.#debugged = site.main.debugged
    const own = [...everySetting(site.servers)].flatMap(({ errorLog }) => errorLog)
    this.debugs = this.#debugged.length > 0 || [...this.#usual, ...own].some(({ level }) => level === 'debug')
    // After the files, whose own last write then comes later.
    process.prependListener('exit', this.#atExit)
  }

  /**
   * Writes down a request that has ended.
   * @param last its client's connection ends with it: who has seen that end finds the line in its file
   * @returns false: the file never speaks of access logs where it came to, and the proxy's own line is wanted
   */
  write(visit: Visit, last = false): boolean {
    const { accessLogs, logSubrequest } = visit.settings
    if (this.debugs) this.error('debug', visit.text(ENDED), visit)
    if (accessLogs === null) return false
    if (visit.parent !== null && !logSubrequest) return true
    for (const log of accessLogs) {
      if (log.condition !== null && !saysYes(visit.text(log.condition))) continue
      this.#access(log, this.#formats.line(log.format, visit), visit)
    }
    if (last) {
      this.#files.flush()
      this.#named.flush()
    }
    return true
  }

  /** A line for the error log of where the visit is; without a visit, for the site's own. */
  error(level: ErrorLevel, message: string, visit: Visit | null): void {
    const own = visit?.settings.errorLog ?? []
    const inDetail = visit !== null && this.#debugged.length > 0 && this.#isDebugged(visit)
    let line: string | null = null
    const files = new Set<Lines>()
    for (const log of own.length > 0 ? own : this.#usual) {
      const severity = ERROR_LEVELS.indexOf(level)
      if (!inDetail && severity > ERROR_LEVELS.indexOf(log.level)) continue
      line ??= errorLine(level, message, visit)
      if (log.syslog !== null) this.#send(log.syslog, severity, line.trimEnd(), 2)
      else {
        const file = this.#errorFile(log.path)
        file.write(line)
        files.add(file)
      }
    }
    // Without delay: such lines are rare, and the one before a crash matters most.
    for (const file of files) file.flush()
  }

  // Whoever opened the connection, and not whom a proxy names.
  #isDebugged({ main: { connection } }: Visit): boolean {
    if (connection.peer.startsWith('unix:')) return this.#debugged.includes('unix')
    const address = readPlainAddress(connection.peer)
    return address !== null && this.#debugged.some(who => who !== 'unix' && isWithin(who, address))
  }

  /** After a rotation (USR1). */
  reopen(): void {
    for (const held of this.#held.values()) held.release()
    this.#files.reopen()
    this.#named.reopen()
  }

  /** Hands on what is held back. */
  flush(): void {
    for (const held of this.#held.values()) held.release()
    this.#files.flush()
    this.#named.flush()
  }

  readonly #atExit = (): void => this.flush()

  /** Everything is written when it resolves. */
  async close(): Promise<void> {
    process.off('exit', this.#atExit)
    this.flush()
    this.#named.close()
    this.#syslog.close()
    await this.#files.close()
  }

  // At once, so that what cannot be written is said at the start.
  #openAll({ servers }: SiteConfig): void {
    for (const { path, syslog } of this.#usual) if (syslog === null) this.#errorFile(path)
    for (const { accessLogs, errorLog } of everySetting(servers)) {
      for (const { path, syslog } of errorLog) if (syslog === null) this.#errorFile(path)
      for (const { to } of accessLogs ?? []) {
        if ('text' in to && !to.text.includes('$')) this.#files.file(to.text, 1)
      }
    }
  }

  #errorFile(path: string): Lines {
    return path === 'stderr' ? this.#files.stream(2) : this.#files.file(path, 2)
  }

  #access(log: AccessLog, line: string, visit: Visit): void {
    const { to } = log
    if (!('text' in to)) this.#send(to, to.severity, line, 1)
    else if (to.text.includes('$')) this.#toNamed(visit.text(to), line, visit)
    else if (log.buffer > 0) this.#heldFor(log, to.text).write(`${line}\n`)
    else this.#files.write(this.#files.file(to.text, 1), `${line}\n`)
  }

  #toNamed(path: string, line: string, visit: Visit): void {
    this.#named.write(path, rootOf(visit), `${line}\n`, visit.settings.logFileCache)
  }

  #heldFor(log: AccessLog, path: string): HeldLines {
    let held = this.#held.get(path)
    if (held === undefined) {
      held = new HeldLines(log, this.#files.file(path, 1))
      this.#held.set(path, held)
    }
    return held
  }

  // Node cannot send the datagrams that a Unix socket of syslog wants: those lines go to a standard stream, which is
  // where a service's lines are collected anyway.
  #send(to: Syslog, severity: number, line: string, instead: 1 | 2): void {
    if (to.server !== null) this.#syslog.send(to, severity, line)
    else this.#files.write(this.#unreachable(to, instead), `${line}\n`)
  }

  #unreachable({ name }: Syslog, instead: 1 | 2): Lines {
    if (!this.#told.has(name)) {
      this.#told.add(name)
      const where = instead === 1 ? 'standard output' : 'standard error'
      this.#options.warn(
        `Node cannot write to the syslog socket "${name}", its lines go to ${where}; name a server by its address to use UDP`,
      )
    }
    return this.#files.stream(instead)
  }
}

// Where the file says no root there is nothing to look for.
function rootOf(visit: Visit): string | null {
  const { path, replaces } = visit.settings.root
  return path.at.file === '' || replaces !== 0 ? null : resolve(visit.site.config.prefix, visit.text(path))
}
