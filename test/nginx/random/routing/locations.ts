// Locations, and those within them.

import type { Choice } from '../choice.ts'
import { block, type Directive, line, quoted } from '../directive.ts'
import { content, contentOfIf, exceptMethods, type Place } from './contents.ts'
import { inherited } from './inherited.ts'
import { rewriting } from './rewriting.ts'
import { expression, plainPath } from './words.ts'

/** How deep they go. */
const DEEPEST = 3

/** Tells locations apart in an answer. */
export interface Count {
  locations: number
}

/** Some locations, no two of one name. `above`: the prefix in which they stand. */
export function locations(
  choice: Choice,
  most: number,
  named: readonly string[],
  count: Count,
  depth = 1,
  above: string | null = '',
): Directive[] {
  const given = new Set<string>()
  return choice
    .several(0, most, () => {
      const [kind, ...words] = nameOf(choice, above)
      const key = kind === 'prefix' ? words.at(-1)! : words.join(' ')
      if (given.has(key)) return []
      given.add(key)
      const inner = depth < DEEPEST && kind !== 'exact' && choice.chance(30)
      const within = kind === 'prefix' ? words.at(-1)! : null
      return [
        block(
          ['location', ...words.slice(0, -1), quoted(words.at(-1)!)],
          [
            ...placeOf(choice, { kind, named }, count),
            ...(inner ? locations(choice, 3, named, count, depth + 1, within) : []),
          ],
        ),
      ]
    })
    .flat()
}

export function namedLocation(
  choice: Choice,
  name: string,
  named: readonly string[],
  count: Count,
): Directive {
  return block(['location', name], placeOf(choice, { kind: 'named', named }, count))
}

/** Within a location of an expression only others of the kind can stand. */
function nameOf(choice: Choice, above: string | null): ['prefix' | 'exact' | 'regex', ...string[]] {
  if (above === null || choice.chance(30)) {
    const plain = choice.pick(['~', '~', '~*'])
    return ['regex', plain, expression(choice)]
  }
  const own = plainPath(choice, above === '' ? 0 : 1)
  const whole = `${above}${above.endsWith('/') || (above !== '' && choice.chance(20)) ? own.slice(1) : own}`
  const kind = choice.below(100)
  if (kind < 20) return ['exact', '=', whole]
  if (kind < 40) return ['prefix', '^~', whole]
  return ['prefix', whole]
}

function placeOf(choice: Choice, place: Place, count: Count): Directive[] {
  const mark = `"l${++count.locations} $uri|$args|$1|$v1"`
  const parts = [
    ...(choice.chance(60) ? [line('add_header', 'X-Place', mark, 'always')] : []),
    ...(choice.chance(12) && place.kind !== 'named' ? [line('internal')] : []),
    ...(choice.chance(8) ? [exceptMethods(choice)] : []),
    ...inherited(choice, place.named, 4),
    ...choice.several(0, choice.pick([0, 1, 2, 4]), () => rewriting(choice, contentOfIf)).flat(),
    ...content(choice, place),
  ]
  return singly(parts)
}

const REPEATED = [
  'add_header',
  'error_page',
  'if',
  'location',
  'proxy_set_header',
  'return',
  'rewrite',
  'set',
  'break',
]

/** Without what may not be said twice in one place. */
function singly(directives: readonly Directive[]): Directive[] {
  const names = directives.map(({ words }) => words[0]!)
  return directives.filter((_, at) => REPEATED.includes(names[at]!) || names.indexOf(names[at]!) === at)
}
