// wrk, the load generator of the CPU figure: kept connections, each asking again as soon as it was answered, at a
// fixed number of connections, and cheap enough not to stand in the way.

import { execFile } from 'node:child_process'
import { findProgram } from '../contenders.ts'

export interface WrkResult {
  requests: number
  errors: number
}

const headers = ['Accept-Encoding: br, gzip', 'CF-Ray: 8f00000000001000-FRA', 'X-Forwarded-For: 203.0.113.7']

/** Runs wrk with 16 connections on one thread. Throws when it is missing or its output is not understood. */
export async function wrk(port: number, seconds: number): Promise<WrkResult> {
  const program = findProgram('wrk')
  if (program === null) throw new Error('wrk is not installed')
  const args = ['-t1', '-c16', `-d${seconds}s`, '--timeout', '5s', ...headers.flatMap(line => ['-H', line])]
  const output = await new Promise<string>((resolve, reject) => {
    const child = execFile(program, [...args, `http://127.0.0.1:${port}/`], (error, stdout) => {
      process.removeListener('exit', end)
      if (error) reject(error)
      else resolve(stdout)
    })
    const end = (): void => void child.kill('SIGKILL')
    process.once('exit', end)
  })
  const requests = /(\d+) requests in/.exec(output)
  if (requests === null) throw new Error(`wrk said: ${output}`)
  const failed = [...output.matchAll(/(?:Non-2xx or 3xx responses: |connect |read |write |timeout )(\d+)/g)]
  return { requests: Number(requests[1]), errors: failed.reduce((sum, match) => sum + Number(match[1]), 0) }
}

/** The same where hardly any request may fail. @throws when more than one in a thousand did */
export async function wrkRight(port: number, seconds: number): Promise<WrkResult> {
  const result = await wrk(port, seconds)
  const { requests, errors } = result
  if (errors > requests / 1000) throw new Error(`${errors} of ${requests} requests failed`)
  return result
}
