import assert from 'node:assert/strict'
import { test } from 'node:test'
import { versionOf } from '../../../../src/config/nginx/modules/browser.ts'
import { problems, siteOf } from '../reading.ts'

test('lines of one block add up, and take the place of those around it', t => {
  const { servers } = siteOf(
    t,
    `modern_browser msie 5.5; modern_browser unlisted; ancient_browser Links Lynx; ancient_browser netscape4;
    server { modern_browser Gecko 1.0.0; modern_browser opera 9; location / { ancient_browser Old; } }`,
  )
  const { settings, locations } = servers[0]!
  assert.deepEqual(settings.modernBrowsers, [
    { name: 'gecko', version: 1_000_000 },
    { name: 'opera', version: 9_000_000 },
  ])
  assert.deepEqual(settings.ancientBrowsers, ['Links', 'Lynx'])
  assert.deepEqual([settings.modernUnlisted, settings.ancientNetscape], [true, true])
  assert.deepEqual(locations[0]!.settings.ancientBrowsers, ['Old'])
  assert.equal(locations[0]!.settings.modernBrowsers, settings.modernBrowsers)
})

test('a version is up to four numbers, each worth a hundred of the next', () => {
  assert.equal(versionOf('5'), 5_000_000)
  assert.equal(versionOf('5.5'), 5_050_000)
  assert.equal(versionOf('1.2.3.4'), 1_020_304)
  assert.equal(versionOf('1.2.3.4.5'), 1_020_304)
  assert.equal(versionOf('1..2'), 1_000_200)
  for (const none of ['', 'x', '5b', '-1']) assert.equal(versionOf(none), null, none)
})

test('what is wrong is said in nginx’s words', t => {
  const wrong = {
    'modern_browser netscape 5;': 'unknown browser name "netscape"',
    'modern_browser msie 5b;': 'invalid browser version "5b"',
    'modern_browser msie;': '"modern_browser" needs a version behind "msie"',
  }
  for (const [line, problem] of Object.entries(wrong))
    assert.deepEqual(problems(t, `${line} server { }`), [problem], line)
})
