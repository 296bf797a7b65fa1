// Who the places of a site pass requests on to: the upstream blocks, and a group for each address that a `proxy_pass`
// names itself. Joins the two, and gives each group what is said of it where it is used.

import type { GroupConfig, GroupShield } from './group-config.ts'
import type { Pass } from './modules/proxy.ts'
import { FIELDS, saidAt } from './modules/shield.ts'
import { hasPort } from './proxy-pass.ts'
import type { Settings } from './settings.ts'
import type { Reading } from './table.ts'
import type { At } from './tree.ts'

/**
 * All groups. Each `pass` then has the very group that is meant. As in nginx a block's name comes first, whatever the
 * case of its letters; what an upstream block does not say of its workers is taken from the first place that passes to
 * it, or, where none does by its name, from the first that may by variables.
 */
export function joinGroups(
  blocks: readonly GroupConfig[],
  places: Iterable<Settings>,
  reading: Pick<Reading, 'problem' | 'remark'>,
): GroupConfig[] {
  const named = new Map(
    blocks.map(group => [group.name.toLowerCase(), { ...group, shield: { ...group.shield } }]),
  )
  const addressed = new Map<string, GroupConfig>()
  const passes = new Set<object>()
  const meant = new Set<GroupConfig>()
  let byVariables: Settings | null = null
  for (const settings of places) {
    const { pass } = settings
    if (pass?.kind === 'computed') {
      sayThere(pass, settings)
      byVariables ??= settings
    }
    if (pass === null || pass.kind !== 'group') continue
    // An `if` has the very pass of the location around it.
    if (!passes.has(pass)) {
      passes.add(pass)
      const host = hostOf(pass.host)
      const block = named.get(host)
      if (block !== undefined && host !== pass.host.toLowerCase()) {
        const port = pass.host.slice(host.length + 1)
        reading.problem(`upstream "${block.name}" may not have port ${port}`, pass.group.at)
      }
      if (block === undefined && pass.family !== 'http' && !hasPort(pass.host))
        reading.problem(`no port in upstream "${pass.host}"`, pass.group.at)
      const name = pass.group.name.toLowerCase()
      const own = () => ({ ...pass.group, shield: { ...pass.group.shield } })
      const group = block ?? addressed.get(name) ?? own()
      if (block === undefined) addressed.set(name, group)
      Object.assign(pass, { group })
      meant.add(group)
      if (pass.family === 'memcached') asStore(group)
    }
    if (pass.group.isStore !== true) fill(pass.group as GroupConfig, settings, reading, pass.group.at)
  }
  for (const group of named.values())
    if (byVariables !== null && !meant.has(group)) fill(group, byVariables, reading, group.at)
  return [...named.values(), ...addressed.values()]
}

/** Of addresses that requests work out there are no groups yet: what is said of their workers stays with the pass. */
function sayThere(pass: Pass, settings: Settings): void {
  const shield = saidAt(settings)
  if (shield !== null) Object.assign(pass, { shield })
}

/** What has no workers is not waited for: what the places around say is meant for an app. */
function asStore(group: GroupConfig): void {
  const shield = { ...group.shield, hold: group.shield.hold ?? 0 }
  Object.assign(group, { shield, isStore: true })
}

/** The host alone: an upstream block is found by it, and must not be given a port. */
function hostOf(host: string): string {
  const lower = host.toLowerCase()
  return lower.startsWith('unix:') || lower.startsWith('[') ? lower : lower.replace(/:\d+$/, '')
}

function fill(group: GroupConfig, settings: Settings, reading: Pick<Reading, 'remark'>, at: At): void {
  const shield = group.shield as unknown as Record<string, unknown>
  for (const field of Object.keys(FIELDS) as (keyof GroupShield)[]) {
    const here = settings[FIELDS[field]]
    if (here === null || JSON.stringify(shield[field]) === JSON.stringify(here)) continue
    if (shield[field] === null) shield[field] = here
    else if (!group.named) {
      const kept = JSON.stringify(shield[field])
      reading.remark(
        'warn',
        `requests to "${group.name}" share their workers, and the first word on them holds: ${field} is ${kept}`,
        at,
      )
    }
  }
}
