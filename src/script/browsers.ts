// The few browsers that nginx tells apart by what they call themselves, for what it does otherwise for them
// (ngx_http_process_user_agent). Decides nothing.

/** Internet Explorer, of whatever version; Opera under its name is none. */
export function isExplorer(agent: string): boolean {
  // A version must follow: two characters at least.
  return /MSIE ..../s.test(`${agent} `) && !agent.includes('Opera')
}

/** Internet Explorer 4 to 6, but not 6 with Windows XP's second service pack. */
export function isOldExplorer(agent: string): boolean {
  const [, version, rest] = /MSIE (.)\.(.*)/s.exec(agent) ?? []
  if (version === undefined || !isExplorer(agent)) return false
  return version === '4' || version === '5' || (version === '6' && !rest!.includes('SV1'))
}

/** Chrome, and whoever speaks of itself as it does. */
export function isChrome(agent: string): boolean {
  return agent.includes('Chrome/') && !agent.includes('Gecko/') && !isExplorerOrOpera(agent)
}

/** @param agent the whole `User-Agent` */
export function isSafariOnMac(agent: string): boolean {
  if (!agent.includes('Safari/') || !agent.includes('Mac OS X')) return false
  return !agent.includes('Gecko/') && !agent.includes('Chrome/') && !isExplorerOrOpera(agent)
}

function isExplorerOrOpera(agent: string): boolean {
  return agent.includes('Opera') || isExplorer(agent)
}
