import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compilePattern, groupNames } from '../../src/script/regex.ts'

/** What pcre2 10.42 says: [pattern, subject, the match and its groups, or null]. Checked with nginx and grep -P. */
const CASES: readonly (readonly [string, string, readonly (string | undefined)[] | null])[] = [
  // as most files have them
  ['\\.php$', '/a.php', ['.php']],
  ['\\.php$', '/a.php5', null],
  ['\\.(gif|jpe?g)$', '/x.jpeg', ['.jpeg', 'jpeg']],
  ['^/(?P<lang>en|de)/(?<rest>.*)$', '/de/x/y', ['/de/x/y', 'de', 'x/y']],
  ["(?'year'\\d{4})", 'in 2024', ['2024', '2024']],
  // where `.`, `$`, `\s` and letters mean something else in JavaScript
  ['\\.php$', '/a.php\n', ['.php']],
  ['\\.php$', '/a.php\n\n', null],
  ['\\.php\\z', '/a.php\n', null],
  ['\\.php\\Z', '/a.php\n', ['.php']],
  ['a.b', 'a\nb', null],
  ['a.b', 'a\rb', ['a\rb']],
  ['(?s)a.b', 'a\nb', ['a\nb']],
  ['a\\Nb', 'a\nb', null],
  ['\\s', '\xa0', null],
  ['[\\s]', '\xa0', null],
  ['\\S', '\xa0', ['\xa0']],
  ['\\h', '\xa0', ['\xa0']],
  ['a\\Rb', 'a\r\nb', ['a\r\nb']],
  ['a\\R\\nb', 'a\r\nb', null],
  ['(?m)^b$', 'a\nb\nc', ['b']],
  ['^b', 'a\nb', null],
  ['(?i)\xc9', '\xe9', null],
  ['(?i)k', '\u212a', null],
  // options within
  ['(?i)abc', 'ABC', ['ABC']],
  ['a(?i)b|c', 'aB', ['aB']],
  ['a(?i)b|c', 'C', ['C']],
  ['a(?i)b|c', 'AB', null],
  ['(a(?i)b)c', 'aBC', null],
  ['a(?i:b)c', 'aBc', ['aBc']],
  ['(?i)a(?-i)b', 'AB', null],
  ['(?i)a(?-i)b', 'Ab', ['Ab']],
  ['(?x) a \\ b [ ] c # more', 'a b c', ['a b c']],
  ['(?U)a+', 'aaa', ['a']],
  ['(?U)a+?', 'aaa', ['aaa']],
  ['(?n)(a)(?<x>b)', 'ab', ['ab', 'b']],
  ['a(?#a comment)+', 'aaa', ['aaa']],
  // sets
  ['[]a]+', 'a]', ['a]']],
  ['[^]a]+', 'a]b', ['b']],
  ['[[:alpha:][:digit:]_]+', '-a1_-', ['a1_']],
  ['[[:^digit:]]+', '12ab', ['ab']],
  ['[a-c-e]+', 'b-e', ['b-e']],
  ['[\\w-]+', '.a-b.', ['a-b']],
  ['[\\x41-\\x43]+', 'xABC', ['ABC']],
  ['[\\b]', '\b', ['\b']],
  ['[a\\Q]^\\Ez]+', ']^za', [']^za']],
  ['[^a]', '\n', ['\n']],
  ['(?i)[a-c]+', 'aBC', ['aBC']],
  ['(?i)[^a]', 'A', null],
  ['\\p{Lu}\\p{^Lu}\\PL', '\xc9a1', ['\xc9a1']],
  ['[\\pL]+', '1\xe9a', ['\xe9a']],
  // characters
  ['\\x2e\\x{2f}\\056\\o{57}\\t\\e\\cA\\a', '././\t\x1b\x01\x07', ['././\t\x1b\x01\x07']],
  ['\\Qa.b\\E+', 'a.bbb', ['a.bbb']],
  ['\\Qa.b', 'a.b', ['a.b']],
  ['a{,2}', 'a{,2}', ['a{,2}']],
  ['{x}', '{x}', ['{x}']],
  ['\\/\\-\\_\\"\\#', '/-_"#', ['/-_"#']],
  ['\xc3\xa9+', '\xc3\xa9\xa9', ['\xc3\xa9\xa9']],
  ['(*UTF8)^.\xc3\xa9+$', '\xc3\xa4\xc3\xa9\xc3\xa9', ['\xc3\xa4\xc3\xa9\xc3\xa9']],
  ['(*UTF8)^[^/]$', '\xc3\xa4', ['\xc3\xa4']],
  // groups that are never gone back into
  ['a++b', 'aaab', ['aaab']],
  ['a++a', 'aaa', null],
  ['[ab]*+b', 'abab', null],
  ['a?+a', 'a', null],
  ['a{1,2}+a', 'aa', null],
  ['a{1,2}+a', 'aaa', ['aaa']],
  ['a{2}+a', 'aaa', ['aaa']],
  ['(?>a|ab)c', 'abc', null],
  ['(?>a(b)?)(c)', 'abc', ['abc', 'b', 'c']],
  ['(?:ab)++(?<n>c)\\1', 'ababcc', ['ababcc', 'c']],
  ['(?|a(b)|c(d))(e)', 'cde', ['cde', 'd', 'e']],
  // references and assertions
  ['(a)(b)\\2\\1', 'abba', ['abba', 'a', 'b']],
  ['(?<x>a|b)-\\k<x>\\k{x}(?P=x)\\g{x}\\g1\\g{-1}', 'b-bbbbbb', ['b-bbbbbb', 'b']],
  ['(?i)(a)\\1', 'aA', ['aA', 'a']],
  ['(a)\\11', 'a\t', ['a\t', 'a']],
  ['(a)\\g{1}1', 'aa1', ['aa1', 'a']],
  ['(?<!x)a(?=b)', 'xa ab', ['a']],
  ['^*a', 'ba', ['a']],
  ['(?=a)*b', 'b', ['b']],
  ['(a)|b', 'b', ['b', undefined]],
]

for (const [pattern, subject, expected] of CASES) {
  test(`${JSON.stringify(pattern)} on ${JSON.stringify(subject)}`, () => {
    const match = compilePattern(pattern, false).exec(subject)
    assert.deepEqual(match === null ? null : [...match], expected)
  })
}

test('a pattern without case, and names of groups, also where numbers differ', () => {
  const found = compilePattern('(?>/+)(?P<Name>[a-z]+)', true).exec('//ABC')
  assert.deepEqual(found === null ? null : [...found], ['//ABC', 'ABC'])
  assert.equal(found?.groups?.Name, 'ABC')
  assert.equal(found?.index, 0)
  assert.ok(compilePattern('(?>/+)x', true).test('//X'))
  assert.deepEqual(groupNames("(?P<Name>a)(?<two>b)(?'three'c)(?:d)(?<!e)"), ['name', 'two', 'three'])
})

const WRONG: readonly (readonly [string, RegExp])[] = [
  ['(a', /missing closing parenthesis/],
  ['a)', /unmatched closing parenthesis at "\)"/],
  ['*a', /quantifier does not follow a repeatable item/],
  ['a**', /quantifier does not follow a repeatable item/],
  ['[a', /missing terminating \]/],
  ['[b-a]', /range out of order/],
  ['[[:nope:]]', /unknown POSIX class/],
  ['a{2,1}', /out of order/],
  ['a{70000}', /too big/],
  ['\\', /at end of pattern/],
  ['\\y', /unrecognized character follows/],
  ['\\2(a)', /non-existent subpattern/],
  ['(?<a>x)(?<a>y)', /same name/],
  ['(?R)', /a kind of group/],
  ['(?(1)a|b)', /a kind of group/],
  ['a\\Kb', /\\K/],
  ['(*ACCEPT)', /a verb/],
  ['\\p{Nope}', /unknown property/],
  ['('.repeat(500) + ')'.repeat(500), /too deeply/],
]

for (const [pattern, message] of WRONG) {
  test(`${pattern.slice(0, 20)} is refused`, () => {
    assert.throws(() => compilePattern(pattern, false), message)
    assert.throws(() => compilePattern(pattern, false), /^Error: regular expression ".+" failed: /)
  })
}
