// Writes the generated pages of documentation: `npm run docs`. Decides none of what they say.

import { writeFileSync } from 'node:fs'
import { configurationPage } from '../src/config/documentation.ts'

writeFileSync(new URL('../docs/configuration.md', import.meta.url), configurationPage())
