// Runs before `npm test`: brings the real servers that the tests are run against. Quick when they are there.
// On Debian, as root, it installs them; elsewhere it says what is missing, and the tests that need it skip by
// name. Under CI=true nothing may be missing, as a skipped proof is none.

import { spawnSync } from 'node:child_process'
import { findProgram, needed } from './servers.ts'

const missing = (): string[] => Object.keys(needed).filter(name => findProgram(name) === null)

function run(command: string, ...args: string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const { status, stderr } = spawnSync(command, args, {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  if (status !== 0)
    console.error(`${command} ${args.join(' ')} failed:\n${stderr ?? 'it could not be started'}`)
  return status === 0
}

/** Tries with the package lists as they are, and fetches them only when that failed. */
function install(programs: string[]): void {
  const packages = programs.map(name => needed[name] as string)
  console.log(`Installing what the tests need: ${packages.join(', ')}`)
  const get = ['apt-get', 'install', '-y', '--no-install-recommends', ...packages] as const
  if (!run(...get) && run('apt-get', 'update')) run(...get)
}

if (missing().length > 0 && process.getuid?.() === 0 && findProgram('apt-get') !== null) install(missing())
const left = missing()
if (left.length > 0) {
  const packages = left.map(name => needed[name])
  console.error(`Not installed: ${left.join(', ')} (on Debian: apt-get install ${packages.join(' ')}).`)
  if (process.env.CI === 'true') process.exit(1)
  console.error('The tests that need them are skipped.')
}
