// Variables that a site's file makes from others. Owns when they are worked out: once for a request, unless they are
// volatile; how, is each kind's own file.

import type { VariableConfig } from '../../config/nginx/site.ts'
import type { Variable, Visit } from '../../visit.ts'
import type { Scripts } from '../scripts.ts'
import { geoValue } from './geo-value.ts'
import { mapValue } from './map-value.ts'
import { splitValue } from './split-value.ts'

/** Works the value out anew. */
export type Making = (visit: Visit) => string

/** Tables are built at the first use, when all that they refer to is known. */
export function madeVariable(config: VariableConfig, scripts: Scripts): Variable {
  let make: Making | null = null
  /** It is being worked out: it refers to itself. */
  let busy = false
  const { variable } = config
  const isVolatile = config.kind !== 'split' && config.volatile
  return visit => {
    const known = isVolatile ? undefined : visit.computed.get(variable)
    if (known !== undefined) return known
    if (busy) {
      visit.site.logs.error('error', `cycle while evaluating variable "${variable}"`, visit)
      return ''
    }
    busy = true
    try {
      make ??= makingOf(config, scripts)
      const value = make(visit)
      if (!isVolatile) visit.computed.set(variable, value)
      return value
    } finally {
      busy = false
    }
  }
}

function makingOf(config: VariableConfig, scripts: Scripts): Making {
  switch (config.kind) {
    case 'map':
      return mapValue(config, scripts)
    case 'geo':
      return geoValue(config, scripts)
    case 'split':
      return splitValue(config, scripts)
  }
}
