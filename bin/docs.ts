// Writes the generated pages of documentation: `npm run docs`. Decides none of what they say.

import { writeFileSync } from 'node:fs'
import { configurationPage } from '../src/config/documentation.ts'
import { fromNginxPage } from '../src/config/nginx/documentation.ts'
import { DIFFERENCES } from '../test/nginx/differences.ts'

const pages = { 'configuration.md': configurationPage(), 'from-nginx.md': fromNginxPage(DIFFERENCES) }
for (const [name, text] of Object.entries(pages)) {
  writeFileSync(new URL(`../docs/${name}`, import.meta.url), text)
}
