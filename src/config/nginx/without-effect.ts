// Directives that are read as nginx reads them and have no effect here: their values are checked, so that a file that nginx
// would refuse is refused. Stores nothing.

import type { Row } from './table.ts'

/** @param note why that does no harm, a sentence that stands alone */
export function withoutEffect(checked: Row, note: string): Row {
  return {
    ...checked,
    state: 'harmless',
    note,
    take(node, level, reading) {
      checked.take(node, { ...level, own: {} }, reading)
    },
  }
}
