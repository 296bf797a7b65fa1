// Reads a configuration that a test writes down, as the file of its own that it would be.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { readSite, type SiteRead } from '../../../src/config/nginx/read-site.ts'
import type { SiteConfig } from '../../../src/config/nginx/site.ts'
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
