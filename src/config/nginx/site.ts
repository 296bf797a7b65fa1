// What an nginx file comes to: plain data that a thread can be started with, every inheritance worked out. Texts that
// hold variables stay as they were written and are compiled by whoever serves (`src/script/`). Whom requests are passed on
// to is `group-config.ts`'s. Types only.

import type { Address } from '../config.ts'
import type { GroupConfig } from './group-config.ts'
import type { Syslog } from './modules/syslog.ts'
import type { AddressRange, AddressWords } from './range.ts'
import type { Settings } from './settings.ts'
import type { At } from './tree.ts'

/** A text that may hold variables, and where it stands. */
export interface Script {
  readonly text: string
  readonly at: At
  /** All of it is one variable, also where its name holds what ends names within texts: `if ($arg_go-get)`. */
  readonly whole?: true
}

export interface SiteConfig {
  /** The file, and the folder that its relative paths are relative to. */
  readonly file: string
  readonly prefix: string
  readonly main: MainConfig
  readonly listens: readonly ListenConfig[]
  readonly servers: readonly ServerConfig[]
  readonly groups: readonly GroupConfig[]
  readonly variables: readonly VariableConfig[]
  readonly zones: readonly ZoneConfig[]
  readonly caches: readonly CacheConfig[]
  readonly logFormats: readonly LogFormatConfig[]
}

export interface MainConfig {
  /** Null: not said. */
  readonly user: { readonly name: string; readonly group: string | null } | null
  readonly pid: string | null
  readonly errorLog: readonly ErrorLogConfig[]
  readonly workerShutdownTimeout: number | null
  /** Clients of whose requests every error log is told all, whatever its level (`debug_connection`). */
  readonly debugged: readonly (AddressRange | 'unix')[]
}

/** From the quietest log to the loudest event. */
export type ErrorLevel = 'debug' | 'info' | 'notice' | 'warn' | 'error' | 'crit' | 'alert' | 'emerg'

export interface ErrorLogConfig {
  /** A path, `stderr`, or a syslog server as written. */
  readonly path: string
  /** The least that is written. */
  readonly level: ErrorLevel
  readonly syslog: Syslog | null
}

/** One address to listen on, of all servers that name it. */
export interface ListenConfig {
  readonly address: Address
  /** As it was written first, for messages. */
  readonly written: string
  readonly ssl: boolean
  readonly proxyProtocol: boolean
  readonly backlog: number | null
  readonly ipv6only: boolean
  /** Places in `SiteConfig.servers` of those that listen here; the first is the default. */
  readonly servers: readonly number[]
  readonly at: At
}

export interface ServerName {
  /** A suffix, `.example.org`, is the name itself and all below it. */
  readonly kind: 'exact' | 'leading wildcard' | 'trailing wildcard' | 'suffix' | 'regex'
  /** In lower case, without `*.`, `.`, `.*` or `~`; a regular expression as written. */
  readonly name: string
  readonly at: At
}

export interface ServerConfig {
  /** What `$server_name` is: the first name, as written. */
  readonly name: string
  readonly names: readonly ServerName[]
  readonly settings: Settings
  readonly rewrites: readonly RewriteOp[]
  readonly locations: readonly LocationConfig[]
  readonly at: At
}

export interface LocationConfig {
  /** `prefix first` is `^~`; a `predicate` is a text that is neither empty, 0, nor a path where the location is meant. */
  readonly kind: 'exact' | 'prefix' | 'prefix first' | 'regex' | 'predicate' | 'named'
  /** The path, the regular expression, the predicate as written, or the name with its `@`. */
  readonly path: string
  /** Of a predicate. */
  readonly condition?: Script
  readonly caseless: boolean
  readonly settings: Settings
  readonly rewrites: readonly RewriteOp[]
  readonly locations: readonly LocationConfig[]
  /** `limit_except`: the methods that it does not touch, and what holds for the others. */
  readonly except: { readonly methods: readonly string[]; readonly settings: Settings } | null
  readonly at: At
}

export type Condition =
  | { readonly kind: 'true'; readonly value: Script }
  | { readonly kind: 'equal'; readonly value: Script; readonly other: Script; readonly negated: boolean }
  | {
      readonly kind: 'match'
      readonly value: Script
      readonly pattern: string
      readonly caseless: boolean
      readonly negated: boolean
    }
  | {
      readonly kind: 'file' | 'directory' | 'exists' | 'executable'
      readonly value: Script
      readonly negated: boolean
    }

export type RewriteOp =
  | { readonly op: 'set'; readonly variable: string; readonly value: Script; readonly at: At }
  | {
      readonly op: 'rewrite'
      readonly pattern: string
      readonly replacement: Script
      readonly flag: 'last' | 'break' | 'redirect' | 'permanent' | null
      readonly at: At
    }
  | { readonly op: 'return'; readonly status: number; readonly text: Script | null; readonly at: At }
  | { readonly op: 'break'; readonly at: At }
  | {
      readonly op: 'if'
      readonly condition: Condition
      readonly rewrites: readonly RewriteOp[]
      /** What holds from then on where the condition does: the surrounding settings, and the block's own. */
      readonly settings: Settings
      readonly at: At
    }

/** A variable made from others; its name is in lower case, without the dollar sign. */
export type VariableConfig =
  | {
      readonly kind: 'map'
      readonly variable: string
      readonly source: Script
      readonly hostnames: boolean
      readonly volatile: boolean
      /** A key that begins with `~` is a regular expression, unless it was escaped. */
      readonly entries: readonly { readonly key: string; readonly value: Script; readonly escaped: boolean }[]
      readonly fallback: Script | null
      readonly at: At
    }
  | {
      readonly kind: 'geo'
      readonly variable: string
      /** Null: the client's address. */
      readonly source: Script | null
      readonly ranges: boolean
      readonly proxies: readonly AddressRange[]
      readonly recursive: boolean
      readonly volatile: boolean
      /** Both ends belong to each; they lie apart or within one another, and then the narrower one holds. */
      readonly entries: readonly {
        readonly from: AddressWords
        readonly to: AddressWords
        readonly value: string
      }[]
      readonly fallback: string
      readonly at: At
    }
  | {
      readonly kind: 'split'
      readonly variable: string
      readonly source: Script
      /** Percent of the whole in hundredths; null: the rest. */
      readonly parts: readonly { readonly share: number | null; readonly value: string }[]
      readonly at: At
    }

export type ZoneConfig =
  | {
      readonly kind: 'requests'
      readonly name: string
      readonly key: Script
      /** Bytes, as written; bounds how many keys are kept. */
      readonly size: number
      /** Requests a second in thousandths, as nginx counts. */
      readonly rate: number
      readonly at: At
    }
  | {
      readonly kind: 'connections'
      readonly name: string
      readonly key: Script
      readonly size: number
      readonly at: At
    }

/** A folder of answers that are kept, and what is known of it (`proxy_cache_path`). */
export interface CacheConfig {
  /** Of its zone. */
  readonly name: string
  /** Bytes of the zone, as written; bounds how many answers are known of. */
  readonly size: number
  /** Absolute, without a slash at its end. */
  readonly path: string
  /** How many digits name a folder, level by level. */
  readonly levels: readonly number[]
  /** Milliseconds without use after which an answer is removed. */
  readonly inactive: number
  /** Bytes that may be kept; null: any number. */
  readonly maxSize: number | null
  /** Bytes of its file system that are to stay free. */
  readonly minFree: number
  /** How many files are looked at before a pause of so many milliseconds; the same where they took that long. */
  readonly loaderFiles: number
  readonly loaderSleep: number
  readonly loaderThreshold: number
  /** The same of files that are removed. */
  readonly managerFiles: number
  readonly managerSleep: number
  readonly managerThreshold: number
  readonly at: At
}

export interface LogFormatConfig {
  readonly name: string
  readonly escape: 'default' | 'json' | 'none'
  readonly format: Script
}
