#!/usr/bin/env node
// The program's entry: checks the runtime, then hands over to the command line. Imports nothing at the top,
// so that an old Node gets as far as the message.

const major = Number(process.versions.node.split('.')[0])
if (major < 24) {
  process.stderr.write(
    `shieldproxy: needs Node 24 or later; this is ${process.version} (${process.execPath})\n`,
  )
  process.exit(2)
}
const { main } = await import('../src/cli/main.ts')
const status = await main(process.argv.slice(2), process.env, {
  // Opened only by those who read it.
  get stdin() {
    return process.stdin
  },
  stdout: process.stdout,
  stderr: process.stderr,
  signals: process,
})
// Whatever is still open must not keep a stopped proxy alive; what was printed goes out first.
process.stdout.write('', () => process.exit(status))
