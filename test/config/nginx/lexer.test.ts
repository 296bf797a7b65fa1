import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Lexer, SyntaxProblem } from '../../../src/config/nginx/lexer.ts'

/** The directives of a text, a closing brace as `}`; its problem and the line where nothing more can be read. */
function cut(text: string): (readonly string[] | string)[] {
  const lexer = new Lexer('f', text)
  const found: (readonly string[] | string)[] = []
  try {
    for (;;) {
      const token = lexer.next()
      if ('words' in token) found.push(token.end === '{' ? [...token.words, '{'] : token.words)
      else if (token.end === 'eof') return found
      else found.push('}')
    }
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error
    return [...found, `${error.message} :${error.at.line}`]
  }
}

test('words are parted by white space of every kind', () => {
  assert.deepEqual(cut('a b\tc\r\n d\n;e;'), [['a', 'b', 'c', 'd'], ['e']])
  assert.deepEqual(cut('a{b;}c{}'), [['a', '{'], ['b'], '}', ['c', '{'], '}'])
})

test('a quote opens a quoted word at its beginning only', () => {
  assert.deepEqual(cut(`a "b c" 'd;{}#' e"f" g'h ;`), [['a', 'b c', 'd;{}#', 'e"f"', "g'h"]])
  assert.deepEqual(cut(`a "" '' ;`), [['a', '', '']])
  assert.deepEqual(cut('a "two\nlines" b;\nc;'), [['a', 'two\nlines', 'b'], ['c']])
})

test('after a closing quote only certain marks may stand', () => {
  assert.deepEqual(cut('a "b"c;'), ['unexpected "c" :1'])
  assert.deepEqual(cut('if ($a = "b") {'), [['if', '($a', '=', 'b', ')', '{']])
  assert.deepEqual(cut('a "b";c "d"{'), [
    ['a', 'b'],
    ['c', 'd', '{'],
  ])
})

test('of the escapes a few are resolved, and all others stay for regular expressions', () => {
  assert.deepEqual(cut(String.raw`a "\"\t\n\r\\\d" '\'' \" \\ \d b\;c\{d\ e;`), [
    ['a', '"\t\n\r\\\\d', "'", '"', '\\', '\\d', 'b\\;c\\{d\\ e'],
  ])
})

test('a brace after a dollar belongs to the word', () => {
  const variable = '$' + '{b}'
  assert.deepEqual(cut(`a ${variable}c ;`), [['a', `${variable}c`]])
  assert.deepEqual(cut(`a x${variable}{`), [['a', `x${variable}`, '{']])
})

test('a comment begins between words only', () => {
  assert.deepEqual(cut('a # b; {\n c;#d\n#\ne;'), [['a', 'c'], ['e']])
  assert.deepEqual(cut('a b#c;'), [['a', 'b#c']])
  assert.deepEqual(cut('# nothing else'), [])
})

test('files from Windows: a byte-order mark, and carriage returns', () => {
  assert.deepEqual(cut('\xef\xbb\xbfa b;\r\nc;\r\n'), [['a', 'b'], ['c']])
})

test('every byte is kept', () => {
  const bytes = Array.from({ length: 128 }, (_, index) => String.fromCharCode(128 + index)).join('')
  assert.deepEqual(cut(`a ${bytes} "${bytes}";`), [['a', bytes, bytes]])
})

test('what cannot be read, in nginx’s words, where it stands', () => {
  assert.deepEqual(cut('a\n b'), ['unexpected end of file, expecting ";" or "}" :2'])
  const open = 'unexpected end of file, expecting ";" or "}"; the quote that opens in line'
  assert.deepEqual(cut('a "b\n\n'), [`${open} 1 is not closed :3`])
  assert.deepEqual(cut("a;\n b 'c;\nd;\n"), [['a'], `${open} 2 is not closed :4`])
  assert.deepEqual(cut('\n;'), ['unexpected ";" :2'])
  assert.deepEqual(cut('\n\n{'), ['unexpected "{" :3'])
  assert.deepEqual(cut('a\n}'), ['unexpected "}" :2'])
})
