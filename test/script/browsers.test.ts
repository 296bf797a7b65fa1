import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isChrome, isExplorer, isOldExplorer, isSafariOnMac } from '../../src/script/browsers.ts'

const XP = 'Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)'
const OPERA = 'Mozilla/4.0 (compatible; MSIE 6.0; X11) Opera 7.50  [en]'
const CHROME = 'Mozilla/5.0 (Macintosh; Mac OS X) AppleWebKit (KHTML, like Gecko) Chrome/120.0 Safari/537.36'
const SAFARI = 'Mozilla/5.0 (Macintosh; Mac OS X) AppleWebKit (KHTML, like Gecko) Version/17 Safari/605.1'

test('Internet Explorer is known by its version, and Opera is none', () => {
  for (const agent of [XP, 'MSIE 10.0; x', 'MSIE 6.0']) assert.equal(isExplorer(agent), true, agent)
  for (const agent of [OPERA, CHROME, SAFARI, '', 'MSIE ', 'MSIE 6', 'MSIE 6.'])
    assert.equal(isExplorer(agent), false, agent)
})

test('the old ones are 4 to 6, without the second service pack of Windows XP', () => {
  for (const agent of [XP, 'x MSIE 5.5; y', 'MSIE 4.01']) assert.equal(isOldExplorer(agent), true, agent)
  for (const agent of [`${XP} SV1`, 'MSIE 7.0;', 'MSIE 10.0;', OPERA, CHROME])
    assert.equal(isOldExplorer(agent), false, agent)
  assert.equal(isOldExplorer('MSIE 5.0; SV1'), true)
})

test('Chrome calls itself Safari, and is none', () => {
  assert.deepEqual([isChrome(CHROME), isSafariOnMac(CHROME)], [true, false])
  assert.deepEqual([isChrome(SAFARI), isSafariOnMac(SAFARI)], [false, true])
  assert.equal(isSafariOnMac('Safari/605.1 (Windows)'), false)
  assert.equal(isChrome('Gecko/2010 Chrome/1'), false)
  assert.equal(isChrome('Opera Chrome/1'), false)
})
