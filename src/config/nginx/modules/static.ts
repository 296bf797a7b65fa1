// Files served from disk: root, index, try_files, autoindex, and what their answers say (ngx_http_core_module's part for
// files, ngx_http_index_module, ngx_http_try_files_module, ngx_http_autoindex_module, ngx_http_gzip_static_module,
// ngx_http_random_index_module, ngx_http_empty_gif_module).

import { count, flag, harmless, list, own, word } from '../rows.ts'
import type { Script } from '../site.ts'
import {
  EVERYWHERE,
  EVERYWHERE_AND_IF,
  invalidValue,
  type Level,
  type Module,
  type Reading,
} from '../table.ts'
import type { DirectiveNode } from '../tree.ts'
import { readNumber } from '../units.ts'
import type { LocationDraft } from './blocks.ts'

/** What a URI is looked for under. */
export interface FilesRoot {
  /** Relative paths stand for ones below the site's prefix. */
  readonly path: Script
  /**
   * How much of the URI the path takes the place of (`alias`), in bytes: the length of the location that says so. The
   * URI as a whole where that is a regular expression. 0: none, it is a `root`.
   */
  readonly replaces: number | 'all'
}

export interface TryFiles {
  /** What is looked for on disk, in order; a folder is what was written with a slash at its end. */
  readonly tries: readonly { readonly path: Script; readonly folder: boolean }[]
  /** Where it ends otherwise: a status (`=404`), or a URI or `@name` whose variables are to be worked out. */
  readonly last: number | Script
}

export interface SymlinkRule {
  readonly mode: 'off' | 'on' | 'if_not_owner'
  /** Components before this are not looked at; null: all are. */
  readonly from: Script | null
}

export interface StaticSettings {
  readonly root: FilesRoot
  readonly index: readonly Script[]
  readonly tryFiles: TryFiles | null
  readonly autoindex: boolean
  readonly autoindexExactSize: boolean
  readonly autoindexFormat: 'html' | 'json' | 'jsonp' | 'xml'
  readonly autoindexLocaltime: boolean
  readonly randomIndex: boolean
  readonly gzipStatic: 'off' | 'on' | 'always'
  readonly etag: boolean
  readonly ifModifiedSince: 'off' | 'exact' | 'before'
  /** Of one request; 0: ranges are not served. */
  readonly maxRanges: number
  readonly disableSymlinks: SymlinkRule
  readonly emptyGif: boolean
}

const DESCRIPTORS = 'files are opened anew for each request, so that what is answered is what is there'
const READING = 'files are read in pieces, at the pace of whoever is sent them'

export const statics: Module = {
  name: 'ngx_http_static_module',
  rows: [
    own('root', EVERYWHERE_AND_IF, 1, 'root', readRoot),
    own('alias', ['location'], 1, 'root', readAlias),
    list('index', EVERYWHERE, [1, Number.POSITIVE_INFINITY], 'index', readIndex),
    own('try_files', ['server', 'location'], [2, Number.POSITIVE_INFINITY], 'tryFiles', readTryFiles),
    flag('autoindex', EVERYWHERE, 'autoindex'),
    flag('autoindex_exact_size', EVERYWHERE, 'autoindexExactSize'),
    word('autoindex_format', EVERYWHERE, 'autoindexFormat', ['html', 'json', 'jsonp', 'xml']),
    flag('autoindex_localtime', EVERYWHERE, 'autoindexLocaltime'),
    flag('random_index', ['location'], 'randomIndex'),
    word('gzip_static', EVERYWHERE, 'gzipStatic', ['off', 'on', 'always']),
    flag('etag', EVERYWHERE, 'etag'),
    word('if_modified_since', EVERYWHERE, 'ifModifiedSince', ['off', 'exact', 'before']),
    count('max_ranges', EVERYWHERE, 'maxRanges'),
    own('disable_symlinks', EVERYWHERE, [1, 2], 'disableSymlinks', readSymlinkRule),
    { ...own('empty_gif', ['location'], 0, 'emptyGif', () => true), repeats: true },
    harmless('open_file_cache', EVERYWHERE, [1, 2], DESCRIPTORS),
    harmless('open_file_cache_valid', EVERYWHERE, 'time', DESCRIPTORS),
    harmless('open_file_cache_min_uses', EVERYWHERE, 'number', DESCRIPTORS),
    harmless('open_file_cache_errors', EVERYWHERE, 'flag', DESCRIPTORS),
    harmless('open_file_cache_events', EVERYWHERE, 'flag', DESCRIPTORS),
    harmless('sendfile', EVERYWHERE_AND_IF, 'flag', READING),
    harmless('sendfile_max_chunk', EVERYWHERE, 'size', READING),
    harmless('aio', EVERYWHERE, 1, READING),
    harmless('aio_write', EVERYWHERE, 'flag', READING),
    harmless('directio', EVERYWHERE, 1, READING),
    harmless('directio_alignment', EVERYWHERE, 'size', READING),
    harmless('read_ahead', EVERYWHERE, 'size', READING),
  ],
  defaults: {
    root: { path: { text: 'html', at: { file: '', line: 0 } }, replaces: 0 },
    index: [{ text: 'index.html', at: { file: '', line: 0 } }],
    tryFiles: null,
    autoindex: false,
    autoindexExactSize: true,
    autoindexFormat: 'html',
    autoindexLocaltime: false,
    randomIndex: false,
    gzipStatic: 'off',
    etag: true,
    ifModifiedSince: 'exact',
    // NGX_MAX_INT32_VALUE: as many as anybody asks for.
    maxRanges: 2_147_483_647,
    disableSymlinks: { mode: 'off', from: null },
    emptyGif: false,
  },
  own: ['tryFiles', 'emptyGif'],
  // Neither comes into an `if` from the location around it either: their modules have no merging.
  merge(settings, own) {
    settings.tryFiles = own.tryFiles ?? null
    settings.emptyGif = own.emptyGif ?? false
  },
}

function readRoot(node: DirectiveNode, reading: Reading, level: Level): FilesRoot | undefined {
  const written = node.args[0]!
  // ngx_http_core_root takes one slash off the end.
  const text = written.endsWith('/') ? written.slice(0, -1) : written
  return withPath(written === '/' ? '' : text, 0, node, reading, level)
}

function readAlias(node: DirectiveNode, reading: Reading, level: Level): FilesRoot | undefined {
  const match = (level.own as LocationDraft).match!
  if (match.kind === 'named') {
    reading.problem('the "alias" directive cannot be used inside the named location', node.at)
    return undefined
  }
  const replaced = match.kind === 'regex' || match.kind === 'predicate' ? 'all' : match.path.length
  return withPath(node.args[0]!, replaced, node, reading, level)
}

function withPath(
  text: string,
  replaces: FilesRoot['replaces'],
  node: DirectiveNode,
  reading: Reading,
  level: Level,
): FilesRoot | undefined {
  const circular = /\$(?:(document_root|realpath_root)\b|\{(document_root|realpath_root)\})/.exec(text)
  if (circular !== null) {
    const variable = circular[1] ?? circular[2]
    const message = `the $${variable} variable cannot be used in the "${node.name}" directive`
    reading.problem(message, node.at)
    return undefined
  }
  if (level.own.root !== undefined) {
    const other = node.name === 'root' ? 'alias' : 'root'
    const message = `"${node.name}" directive is duplicate, "${other}" directive was specified earlier`
    reading.problem(message, node.at)
    return undefined
  }
  return { path: { text, at: node.at }, replaces }
}

function readIndex({ args, at }: DirectiveNode, reading: Reading): Script[] {
  for (const [place, name] of args.entries()) {
    if (name === '') reading.problem(`index "${name}" in "index" directive is invalid`, at)
    else if (name.startsWith('/') && place !== args.length - 1)
      reading.remark('warn', 'only the last index in "index" directive should be absolute', at)
  }
  return args.map(text => ({ text, at }))
}

function readTryFiles({ args, at }: DirectiveNode, reading: Reading): TryFiles | undefined {
  const last = args.at(-1)!
  const tries = args.slice(0, -1).map(written => {
    const folder = written.endsWith('/')
    return { path: { text: folder ? written.slice(0, -1) : written, at }, folder }
  })
  if (!last.startsWith('=')) return { tries, last: { text: last, at } }
  const status = readNumber(last.slice(1))
  if (status !== null && status <= 999) return { tries, last: status }
  reading.problem(`invalid code "${last}"`, at)
  return undefined
}

function readSymlinkRule(node: DirectiveNode, reading: Reading): SymlinkRule | undefined {
  const { args, at } = node
  let mode: SymlinkRule['mode'] | null = null
  let from: Script | null = null
  for (const each of args) {
    if (each === 'off' || each === 'on' || each === 'if_not_owner') mode = each
    else if (each.startsWith('from=')) from = { text: each.slice('from='.length), at }
    else {
      reading.problem(`invalid parameter "${each}"`, at)
      return undefined
    }
  }
  if (mode === null) {
    reading.problem(invalidValue(node, args[0]!, '"off", "on" or "if_not_owner"'), at)
    return undefined
  }
  if (mode === 'off' && from !== null) {
    reading.problem('"from=" cannot be used with "off" parameter', at)
    return undefined
  }
  if (args.length === 2 && from === null) {
    reading.problem(`duplicate parameters "${args[0]} ${args[1]}"`, at)
    return undefined
  }
  return { mode, from }
}
