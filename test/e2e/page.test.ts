// The live page in a real browser: what it shows of a hanging request while it hangs, what strangers may write into it,
// and that nothing of it comes from elsewhere.

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type Browser, chromium, type Page } from 'playwright-core'
import { findProgram, without } from '../support/servers.ts'
import { startShield } from '../support/shield.ts'
import { startSyncWorkers } from '../support/sync-worker.ts'

const skip = without('chromium')
// Chromium's own calls home would be refused one by one where there is no internet.
const QUIET = '--disable-background-networking --disable-component-update --disable-sync --no-first-run'
const FLAGS = `--no-sandbox --disable-gpu --disable-quic ${QUIET}`.split(' ')

async function openPage(t: TestContext, options: Parameters<Browser['newPage']>[0] = {}) {
  const workers = await startSyncWorkers(t)
  const shield = await startShield(t, {
    upstream: workers.address,
    args: ['--workers', '1', '--trusted-proxies', 'loopback', '--log-query', 'on'],
  })
  const browser = await chromium.launch({ executablePath: findProgram('chromium') ?? '', args: FLAGS })
  t.after(() => browser.close())
  const page = await browser.newPage(options)
  const troubles: string[] = []
  const asked: string[] = []
  page.on('pageerror', error => troubles.push(error.message))
  page.on('console', message => message.type() === 'error' && troubles.push(message.text()))
  page.on('request', request => asked.push(new URL(request.url()).host))
  page.on('dialog', dialog => troubles.push(`a dialog: ${dialog.message()}`))
  await page.goto(`http://${shield.admin}/`)
  return { workers, shield, page, troubles, asked }
}

const text = (page: Page, where: string, what: string) =>
  page.locator(where).filter({ hasText: what }).first().waitFor()

test('it shows the hanging request while it hangs, and when it is over', { skip }, async t => {
  const { workers, shield, page, troubles, asked } = await openPage(t)
  await text(page, '#state', 'ready')
  await text(page, '.lane', '0 free')
  const holder = (await shield.connect()).request('GET', '/hold/report', 'X-Forwarded-For: 203.0.113.7')
  const held = await workers.job('/hold/report')
  const waiting = (await shield.connect()).request('GET', '/next')
  await text(page, '.lane', 'GET /hold/report')
  await text(page, '.lane', '203.0.113.7')
  await text(page, '#waiting tr', 'GET /next')
  await text(page, '#queue-now', '1 waiting of 1024')
  held.answer()
  await holder.answer()
  await waiting.answer()
  await text(page, '.lane', '0 free')
  await text(page, '#slowest tr', 'GET /hold/report')
  await page.locator('#slowest button').filter({ hasText: 'GET /hold/report' }).click()
  await text(page, '#slowest tr.phase', 'wait')
  assert.ok((await page.locator('canvas').count()) === 2, 'both charts are drawn')
  assert.deepEqual(troubles, [])
  assert.deepEqual(
    [...new Set(asked.filter(host => host !== ''))],
    [shield.admin],
    'nothing comes from elsewhere',
  )
})

test('a lost worker is told with its evidence', { skip }, async t => {
  const { workers, shield, page } = await openPage(t)
  const client = (await shield.connect()).request('POST', '/hold/export', 'Content-Length: 0')
  const held = await workers.job('/hold/export')
  held.die()
  assert.equal((await client.answer()).status, 502)
  await text(page, '#incidents li', 'POST /hold/export')
})

test('what strangers write is text', { skip }, async t => {
  const { workers, shield, page, troubles } = await openPage(t)
  const evil = '/hold/<img%20src=x>"onerror=alert(1)><script>alert(2)</script>'
  ;(await shield.connect()).request('GET', evil, 'X-Forwarded-For: 203.0.113.7')
  await workers.job(evil)
  await text(page, '.lane', '<script>alert(2)</script>')
  assert.equal(await page.locator('.lane script, .lane img').count(), 0)
  assert.deepEqual(troubles, [])
})

test('it fits a phone, in the dark too', { skip }, async t => {
  const { page, troubles } = await openPage(t, { viewport: { width: 360, height: 740 }, colorScheme: 'dark' })
  await text(page, '#state', 'ready')
  const width = await page.evaluate('document.documentElement.scrollWidth')
  assert.ok(Number(width) <= 360, `the page is ${width} pixels wide`)
  const ground = await page.evaluate('getComputedStyle(document.body).backgroundColor')
  assert.equal(ground, 'rgb(20, 23, 28)')
  assert.deepEqual(troubles, [])
})

test('it says so when the shield has gone', { skip }, async t => {
  const { shield, page } = await openPage(t)
  await text(page, '#state', 'ready')
  shield.signal('SIGKILL')
  await text(page, '#state', 'no connection; trying again')
})
