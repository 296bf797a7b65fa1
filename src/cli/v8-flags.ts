// V8's settings from within the program, where a package's command can pass nothing to Node on every system. Knows none
// of them.

import { setFlagsFromString } from 'node:v8'

/** Sets flags, unless whoever started Node has said something of what they are about: a word that such flags have. */
export function setUnlessTold(about: string, ...flags: readonly string[]): void {
  const told = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].join(' ')
  if (!told.includes(about)) for (const flag of flags) setFlagsFromString(flag)
}
