// What the figures were taken on: versions, processor, commit. Nothing that names a machine or a folder.

import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { findProgram } from './contenders.ts'

const root = join(import.meta.dirname, '..')

export interface Environment {
  date: string
  commit: string
  node: string
  kernel: string
  processor: string
  cores: number
  memoryGB: number
  versions: Record<string, string>
}

export function environment(): Environment {
  const processors = cpus()
  return {
    date: new Date().toISOString(),
    commit: commit(),
    node: process.version,
    kernel: release(),
    processor: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memoryGB: Math.round(totalmem() / 2 ** 30),
    versions: {
      nginx: packaged('nginx', '-v'),
      HAProxy: packaged('haproxy', '-v'),
      Caddy: packaged('caddy', 'version'),
      gunicorn: packaged('gunicorn', '--version'),
      wrk: packaged('wrk', '-v'),
      'http-proxy-3': fromNpm('http-proxy-3'),
      fastify: `${fromNpm('fastify')} with @fastify/http-proxy ${fromNpm('@fastify/http-proxy')}`,
    },
  }
}

function commit(): string {
  try {
    const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()
    return (
      git('rev-parse', '--short', 'HEAD') +
      (git('status', '--porcelain', 'src', 'bin') ? ' with changes' : '')
    )
  } catch {
    return 'unknown'
  }
}

function packaged(name: string, flag: string): string {
  const program = findProgram(name)
  if (program === null) return 'missing'
  const { stdout, stderr } = spawnSync(program, [flag], { encoding: 'utf8' })
  return /\d+(\.\d+)+/.exec(`${stdout}${stderr}`)?.[0] ?? 'unknown'
}

function fromNpm(pack: string): string {
  try {
    return JSON.parse(readFileSync(join(root, 'node_modules', pack, 'package.json'), 'utf8')).version
  } catch {
    return 'missing'
  }
}
