// Where the files of this package lie, for those that are read or started by name. In the repository each module is where
// it was written; in the published package the modules are joined into few (bin/build.ts), and a module's own address
// says nothing of its neighbours. Reads nothing.

import { existsSync } from 'node:fs'

/** Whether this is the published package, whose programs end in `.js`. */
export const isBuilt = import.meta.url.endsWith('.js')

/**
 * A file by its path in the repository's `src`; of a program the TypeScript's name, whatever it has become.
 * @throws Error when the program is not above this module, which means that the installation is broken
 */
export function packageFile(path: string): URL {
  return new URL(`src/${isBuilt ? path.replace(/\.ts$/, '.js') : path}`, folderOfProgram())
}

/** Where package.json is: what is published lies in dist/ beside it. */
export function packageManifest(): URL {
  return new URL(isBuilt ? '../package.json' : 'package.json', folderOfProgram())
}

// What is published has the shape of the repository: bin beside src.
function folderOfProgram(): URL {
  const program = `bin/shieldproxy.${isBuilt ? 'js' : 'ts'}`
  for (let folder = new URL('.', import.meta.url); folder.pathname !== '/'; folder = new URL('..', folder)) {
    if (existsSync(new URL(program, folder))) return folder
  }
  throw new Error('the files of shieldproxy are incomplete; install it again')
}
