// A configuration from its text, for tests of directives.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readSite } from '../../../src/config/nginx/read-site.ts'
import type { SiteConfig } from '../../../src/config/nginx/site.ts'

export interface TextRead {
  readonly site: SiteConfig | null
  /** `level: message`, and the line where it stands. */
  readonly remarks: readonly string[]
}

/** Reads it as a file of the folder `/etc/site`, as far as relative paths are concerned. */
export function readText(text: string): TextRead {
  const folder = mkdtempSync(join(tmpdir(), 'site-'))
  try {
    const path = join(folder, 'nginx.conf')
    writeFileSync(path, text, 'latin1')
    const { site, remarks } = readSite({ path, prefix: '/etc/site' })
    return { site, remarks: remarks.map(({ level, message, at }) => `${level}: ${message} :${at?.line}`) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The site, where nothing is wrong with it. */
export function siteOf(text: string): SiteConfig {
  const { site, remarks } = readText(text)
  if (site === null) throw new Error(remarks.join('\n'))
  return site
}
