import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Found, TagReader } from '../../../src/response/ssi/tag-reader.ts'

/** What is found in these pieces, texts that follow one another joined. */
function read(pieces: readonly string[], longest = 256): string[] {
  const reader = new TagReader(longest)
  const found: string[] = []
  let text = ''
  const note = (each: Found): void => {
    if (each.kind === 'text') {
      text += each.text
      return
    }
    if (text !== '') found.push(text)
    text = ''
    if (each.kind === 'malformed') found.push(`! ${each.problem}`)
    else
      found.push(`# ${[each.name, ...each.parameters.map(([name, value]) => `${name}=${value}`)].join(' ')}`)
  }
  const all = (): void => {
    for (let each = reader.next(); each !== null; each = reader.next()) note(each)
  }
  for (const piece of pieces) {
    reader.add(piece)
    all()
  }
  if (reader.end()) all()
  if (text !== '') found.push(text)
  return found
}

const PAGE = 'a<!--#echo var="x y" default=\'"\' -->b<!-- no --><!--#set var="q" value="a\\"-->\\z"--><'
const FOUND = ['a', '# echo var=x y default="', 'b<!-- no -->', '# set var=q value=a"-->\\z', '<']

test('commands are found wherever the page is cut', () => {
  assert.deepEqual(read([PAGE]), FOUND)
  assert.deepEqual(read([...PAGE]), FOUND)
  for (let at = 1; at < PAGE.length; at++)
    assert.deepEqual(read([PAGE.slice(0, at), PAGE.slice(at)]), FOUND, `${at}`)
})

test('what is no command to its end is left out, up to where it would end', () => {
  assert.deepEqual(read(['<!--#echo var=x -->b']), [
    '! unexpected "x" symbol before value of "var" parameter in "echo" SSI command',
    'b',
  ])
  assert.deepEqual(read(['<!--#echo var="x"y z="-->b']), [
    '! unexpected "y" symbol after "var" parameter in "echo" SSI command',
    'b',
  ])
  assert.deepEqual(read(['a<!--#echo var="x" -']), ['a'])
  assert.deepEqual(read(['a<!--#e', 'cho']), ['a'])
  assert.deepEqual(read(['a<!--#echo var="x" - ->b-->c']), [
    'a',
    '! unexpected " " symbol in "echo" SSI command',
    'c',
  ])
})

test('nothing of a command is longer than it may be, and nothing is kept for ever', () => {
  assert.deepEqual(read(['<!--#echo var="12345" -->z'], 4), [
    '! too long value of "var" parameter in "echo" SSI command',
    'z',
  ])
  assert.match(read([`<!--#${'x'.repeat(33)} -->z`])[0]!, /^! the "x{32}…" SSI command is too long$/)
  assert.match(read([`<!--#a ${'y'.repeat(17)}="" -->z`])[0]!, /^! too long "y{16}…" parameter/)
  const reader = new TagReader(256)
  reader.add('<!--#echo ')
  for (let pieces = 0; pieces < 100; pieces++) {
    reader.add(' '.repeat(1024))
    assert.equal(reader.next(), null)
  }
  reader.add('-->z')
  assert.deepEqual(reader.next(), { kind: 'malformed', problem: 'too long SSI command' })
  assert.deepEqual(reader.next(), { kind: 'text', text: 'z' })
})
