import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askNginx, startNginx } from '../../support/nginx.ts'
import { without } from '../../support/servers.ts'
import { factsOf, locate, siteOf, visitOf } from '../../support/visit.ts'

const SAYS = 'return 200 "$modern_browser|$ancient_browser|$msie";'

const CONFIG = `
server {
  listen 127.0.0.1:PORT;
  location /nothing { ${SAYS} }
  location /explorer { modern_browser msie 5.5; ${SAYS} }
  location /all {
    modern_browser opera 9.0; modern_browser msie 6.0; modern_browser gecko 1.7.2; modern_browser safari 413;
    modern_browser konqueror 3.4; ${SAYS}
  }
  location /unlisted { modern_browser unlisted; ${SAYS} }
  location /both { modern_browser unlisted; modern_browser MSIE 5; ancient_browser Links Lynx netscape4; ${SAYS} }
  location /ancient { ancient_browser Links Lynx; ${SAYS} }
  location /netscape { ancient_browser netscape4; modern_browser unlisted; ${SAYS} }
  location /values { modern_browser_value new; ancient_browser_value old; modern_browser gecko 1.0.0; ${SAYS} }
  location /four { modern_browser msie 5.4.99.99; ${SAYS} }
  location /set { set $msie x; set $modern_browser y; ${SAYS} }
}`

const PLACES = [...CONFIG.matchAll(/location (\/\w+)/g)].map(([, place]) => place!)

const AGENTS = [
  undefined,
  'Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)',
  'Mozilla/4.0 (compatible; MSIE 5.5; Windows 95)',
  'Mozilla/4.0 (compatible; MSIE 4.0; Windows 95)',
  'Mozilla/4.0 (compatible; MSIE 10.0; Windows)',
  'Mozilla/4.0 (compatible; MSIE abc)',
  'Mozilla/4.0 (compatible; MSIE 5.4.99.99.99',
  'Mozilla/4.0 (compatible; MSIE 5',
  'Mozilla/4.0 (compatible; MSIE 6.0; X11; FreeBSD i386) Opera 7.50  [en]',
  'Opera/7.50 (X11; FreeBSD i386; U)  [en]',
  'Opera/9.01 (X11; FreeBSD 6 i386; U; en)',
  'Mozilla/5.0 (X11; U; Linux i686; en-US; rv:1.0.0) Gecko/20020610',
  'Mozilla/5.0 (X11; U; Linux i686; en-US; rv:1.8.0.5) Gecko/20060729 Firefox/1.5.0.5',
  'Mozilla/5.0 (Macintosh; U; PPC Mac OS X; en) AppleWebKit/418 (KHTML, like Gecko) Safari/417.9.3',
  'Mozilla/5.0 (compatible; Konqueror/3.1; Linux)',
  'Mozilla/5.0 (compatible; Konqueror/3.5; FreeBSD) KHTML/3.5.1 (like Gecko)',
  'Mozilla/4.72 [en] (X11; U; Linux)',
  'Mozilla/4.72',
  'Links (2.1)',
  '',
]

test('a browser counts as what nginx takes it for', { skip: without('nginx') }, async t => {
  const nginx = await startNginx(t, CONFIG)
  const facts = factsOf(siteOf(t, CONFIG.replace('PORT', '1')))
  for (const place of PLACES) {
    for (const agent of AGENTS) {
      const fields: Record<string, string> = agent === undefined ? {} : { 'User-Agent': agent }
      const visit = visitOf(facts, { target: place, fields })
      if (place === '/set') visit.variables.set('msie', 'x').set('modern_browser', 'y')
      const names = ['modern_browser', 'ancient_browser', 'msie']
      const found = names.map(name => facts.variable(name)(visit)).join('|')
      const { body } = await askNginx(nginx, place, { fields })
      assert.equal(found, body, `${place} ${agent}`)
    }
  }
})

test('what is said for all servers holds in them', t => {
  const http = 'modern_browser msie 5.0; modern_browser_value new; ancient_browser Old;'
  const facts = factsOf(siteOf(t, `${http} server { location / { } }`))
  const modern = (agent: string) => {
    const visit = visitOf(facts, { fields: { 'User-Agent': agent } })
    locate(visit)
    return facts.variable('modern_browser')(visit)
  }
  assert.equal(modern(AGENTS[1]!), 'new')
  assert.equal(modern(AGENTS[3]!), '')
})
