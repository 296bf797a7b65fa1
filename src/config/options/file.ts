// Rows of the table of options: the configuration file in nginx's syntax, and what stands beside it.

import type { Option } from '../option.ts'

export const FILE = [
  {
    name: 'config',
    short: 'c',
    group: 'The nginx file',
    kind: 'path',
    default: null,
    derived: 'none: flags and environment say all',
    help: 'configuration in nginx’s syntax: a file or a folder',
    doc: 'A configuration in nginx’s syntax: a whole `nginx.conf`, a file as in `conf.d`, or a folder whose files that end in `.conf` are read in order. It says where to listen and where requests go; what is given beside it as a flag or variable counts before what it says. With `--prefix` a relative path is relative to that. Read again on HUP; one that is wrong then is refused, and the old one stays in force.',
    precedent: 'nginx’s `-c`',
    nginx: null,
  },
  {
    name: 'prefix',
    short: 'p',
    group: 'The nginx file',
    kind: 'path',
    default: null,
    derived: 'the folder of the file',
    help: 'folder of the file’s relative paths',
    doc: 'The folder that relative paths of `--config` and in its file are relative to; `include` and the files of certificates and passwords are looked for beside the file itself, as nginx does.',
    precedent: 'nginx’s `-p`; its default is where it was installed',
    nginx: null,
  },
  {
    name: 'directives',
    short: 'g',
    group: 'The nginx file',
    kind: 'text',
    default: null,
    derived: 'none',
    help: 'directives beside the file’s, for its outermost level',
    doc: 'Directives beside those of the file, for its outermost level, such as `pid /run/shieldproxy.pid;`. One that the file has as well is said twice, and refused.',
    precedent: 'nginx’s `-g`',
    nginx: null,
  },
  {
    name: 'error-log',
    short: 'e',
    group: 'The nginx file',
    kind: 'path',
    default: null,
    derived: 'standard error, as all lines that are not of requests',
    help: 'error log where the file has no error_log',
    doc: 'A file for the lines of errors where the file of `--config` has no `error_log` of its own; `stderr` is standard error.',
    precedent: 'nginx’s `-e`',
    nginx: 'error_log',
  },
] as const satisfies readonly Option[]
