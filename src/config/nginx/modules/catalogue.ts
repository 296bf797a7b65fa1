// Directives that nginx knows and this proxy does without: harmless here, or refused with what to do instead. One list a
// subject in `catalogue/`; a directive that comes to be supported moves to its module's file.

import { COMMERCIAL } from '../catalogue/commercial.ts'
import { CONNECTIONS } from '../catalogue/connections.ts'
import { CONTENT } from '../catalogue/content.ts'
import { GATEWAYS } from '../catalogue/gateways.ts'
import { IDENTITY } from '../catalogue/identity.ts'
import { THIRD_PARTIES } from '../catalogue/third-parties.ts'
import type { Module } from '../table.ts'

export const catalogue: readonly Module[] = [
  ...CONNECTIONS,
  ...GATEWAYS,
  ...CONTENT,
  ...IDENTITY,
  ...COMMERCIAL,
  ...THIRD_PARTIES,
]
