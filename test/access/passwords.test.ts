import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { passwordFits, UnknownFormat } from '../../src/access/passwords.ts'

/** Short, long, one letter, and one that is not ASCII. */
const PASSWORDS = [
  'password',
  'x',
  'pässwörd',
  'longer than eight, than sixteen and than sixty-four letters, as some are',
]

const latin1 = (text: string) => Buffer.from(text).toString('latin1')

for (const kind of ['-apr1', '-1', '-5', '-6']) {
  test(`what "openssl passwd ${kind}" writes`, async () => {
    for (const password of PASSWORDS) {
      const line = execFileSync('openssl', ['passwd', kind, password], { encoding: 'latin1' }).trim()
      assert.equal(await passwordFits(latin1(password), line), true, line)
      assert.equal(await passwordFits(latin1(`${password}!`), line), false, line)
    }
  })
}

// Made with Debian's crypt(3) and htpasswd, for "password".
for (const [name, line] of [
  ['DES', 'abJnggxhB/yWI'],
  ['DES with another salt', 'z/LfhO4s2PAws'],
  ['MD5', '$1$salt$qJH7.N4xYta3aEG/dfqo/0'],
  ['Apache MD5', '$apr1$salt$Xxd1irWT9ycqoYxGFn4cb.'],
  [
    'SHA-512 with rounds of its own',
    '$6$rounds=1500$saltsaltsaltsalt$nSlsdu4Zi3FPGBY7b1XE5vriGwjOKjxZiXpiWvw6pwcd4Tc.WqG9qa.WxiRJMeRvjeCdrr4pmhHpV3aaO6G/Y.',
  ],
  ['bcrypt of htpasswd', '$2y$05$n5.bI3r5C2FpDt3KP1gSb.ImBvsWyo3jV62rSvX/O7npsqrCOuLkO'],
  ['bcrypt of crypt(3)', '$2b$06$abcdefghijklmnopqrstuuNBpXtlux7FnXJE0fnrtkSXNhdOGmWHu'],
  ['plain', '{PLAIN}password'],
  ['SHA', '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g='],
  ['salted SHA', '{SSHA}yI6cZwQadOA1e+/f+T+H3eCQQhRzYWx0'],
] as const) {
  test(`one password fits: ${name}`, async () => {
    assert.equal(await passwordFits('password', line), true)
    assert.equal(await passwordFits('passwore', line), false)
    assert.equal(await passwordFits('', line), false)
  })
}

test('nothing fits a broken line', async () => {
  const lines = [
    '',
    '$1$',
    '$apr1$',
    '$5$',
    '$6$',
    '$2y$05$short',
    '$2y$99$n5.bI3r5C2FpDt3KP1gSb.ImBvsWyo3jV62rSvX',
  ]
  lines.push('{SSHA}Zm9vCg==', '{SHA}Zm9vCg==', '{SHA}_____Mm5Pz8GgiULbPgzG37mj9g=', 'password', '{PLAIN}')
  for (const line of lines) assert.equal(await passwordFits('password', line), false, line)
})

test('only the first eight letters count for DES, and nothing behind a NUL for anybody', async () => {
  assert.equal(await passwordFits('password-and-more', 'abJnggxhB/yWI'), true)
  assert.equal(await passwordFits('password\0more', '{PLAIN}password'), true)
})

test('a format that is not known says what to do', async () => {
  await assert.rejects(
    passwordFits('password', '$y$j9T$abcdefgh$ijklmnop'),
    error =>
      error instanceof UnknownFormat &&
      /"\$y\$" are not known here; make the line again with/.test(error.message),
  )
})
