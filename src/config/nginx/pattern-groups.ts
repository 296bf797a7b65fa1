// Counts the groups that a regular expression captures by number, before anybody compiles it. Knows no more of it.

/** Groups that capture, named ones too; those that only look, or only hold together, do not count. */
export function countGroups(pattern: string): number {
  let count = 0
  let inClass = false
  for (let at = 0; at < pattern.length; at++) {
    const mark = pattern[at]
    if (mark === '\\') at++
    else if (inClass) inClass = mark !== ']'
    else if (mark === '[') {
      inClass = true
      // A bracket that comes first in a set is one of its members.
      if (/^\^?\]/.test(pattern.slice(at + 1))) at += pattern[at + 1] === '^' ? 2 : 1
    } else if (mark === '(' && /^\((?!\?)|^\(\?(?:P?<(?![=!])|')/.test(pattern.slice(at))) count++
  }
  return count
}
