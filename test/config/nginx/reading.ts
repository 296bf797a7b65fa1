// Reads a configuration that a test writes down, as the file of its own that it would be.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { readSite, type SiteRead } from '../../../src/config/nginx/read-site.ts'
import type { SiteConfig } from '../../../src/config/nginx/site.ts'
import { checkedByNginx } from '../../support/nginx.ts'
import { temporaryFolder } from '../../support/owner.ts'

export function read(t: TestContext, text: string): SiteRead {
  const path = join(temporaryFolder(t), 'site.conf')
  writeFileSync(path, text)
  return readSite({ path })
}

/** What is wrong with it, without the places. */
export function problems(t: TestContext, text: string): string[] {
  return read(t, text)
    .remarks.filter(({ level }) => level === 'emerg')
    .map(({ message }) => message)
}

export function siteOf(t: TestContext, text: string): SiteConfig {
  const { site, remarks } = read(t, text)
  assert.ok(site !== null, remarks.map(({ message }) => message).join('; '))
  return site
}

/**
 * Holds what is wrong with each of these, or that nothing is, to nginx's own words.
 * @param inFile the file that one of them makes
 */
export function assertAsNginx(
  t: TestContext,
  cases: readonly string[],
  inFile: (each: string) => string,
): void {
  const [ours, theirs]: Record<string, string | null>[] = [{}, {}]
  for (const each of cases) {
    const text = inFile(each)
    ours![each] = problems(t, text)[0] ?? null
    theirs![each] = checkedByNginx(t, text)
  }
  assert.deepEqual(ours, theirs)
}
