// Builds what is published: `node bin/build.ts [folder]`, by default dist/. The modules are joined into few files, as
// reading some two hundred was half of the start; those that are started or imported by name keep their places. What is
// imported only now and then stays apart. Checks no types: `npm run build` does before.

import { spawnSync } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'

const repository = join(import.meta.dirname, '..')
const out = resolve(process.argv[2] ?? join(repository, 'dist'))

rmSync(out, { recursive: true, force: true })
await build({
  absWorkingDir: repository,
  // The program, what it starts in threads and processes, and what the image's health check reads addresses with.
  entryPoints: [
    'bin/shieldproxy.ts',
    'src/planes/entry.ts',
    'src/cli/demo/worker.ts',
    'src/config/addresses.ts',
  ],
  outdir: out,
  outbase: '.',
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node24',
  logLevel: 'warning',
})

const tsc = join(repository, 'node_modules/typescript/bin/tsc')
const args = [tsc, '-p', 'tsconfig.page.json', '--noEmit', 'false', '--outDir', out]
const { status } = spawnSync(process.execPath, args, { cwd: repository, stdio: 'inherit' })
if (status !== 0) process.exit(1)
const page = 'src/admin/page'
for (const name of ['index.html', 'page.css']) cpSync(join(repository, page, name), join(out, page, name))
