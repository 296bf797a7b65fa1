// The head that goes to an app server that does not speak HTTP, as its file says: the parameters that it sets, then the
// client's own fields that none of them names, as HTTP_… (ngx_http_uwsgi_create_request and its like). Of the shield's own
// there is only X-Request-Id. Knows no socket and no slot, and writes no byte itself: the protocols do (`gateway/`).

import type { Gateway, Parameter } from '../config/nginx/modules/gateways.ts'
import { fastcgiHead } from '../gateway/fastcgi-request.ts'
import type { Params } from '../gateway/params.ts'
import { scgiHead } from '../gateway/scgi.ts'
import { uwsgiHead } from '../gateway/uwsgi.ts'
import { nominatedFields } from '../http1/connection-fields.ts'
import type { Visit } from '../visit.ts'
import { conditionsOf, OF_A_PART } from './site-head.ts'
import type { BodyLength } from './worker-head.ts'

const FIELD = 'HTTP_'
const CODING = 'HTTP_TRANSFER_ENCODING'
const BODY_LENGTH = 'HTTP_CONTENT_LENGTH'
const LENGTH = 'CONTENT_LENGTH'
const OWN_ID = 'HTTP_X_REQUEST_ID'
/** What a client must not say: programs take their own proxy from this name (CVE-2016-5385 and its like). */
const PROXY = 'HTTP_PROXY'

/**
 * The whole head, as latin1.
 * @param body how it travels; `none`: none is sent
 * @throws GatewayError where the protocol has no room for it
 */
export function gatewayHead(visit: Visit, gateway: Gateway, body: BodyLength): string {
  const { settings } = visit
  const params = paramsOf(visit, settings[gateway].params, body)
  switch (gateway) {
    case 'uwsgi': {
      const { modifier1, modifier2, uwsgiString } = settings.uwsgi
      return uwsgiHead(params, { modifier1, modifier2, after: uwsgiString })
    }
    case 'scgi':
      return scgiHead(params, typeof body === 'number' ? body : 0)
    case 'fastcgi':
      return fastcgiHead(params, body !== 'none')
  }
}

/** What the parameters of one place come to, worked out once. */
interface Plan {
  readonly set: readonly Parameter[]
  /** Those of fields, in upper case. */
  readonly fields: ReadonlySet<string>
}

const plans = new WeakMap<readonly Parameter[], Plan>()

// One of a field that is set to nothing takes the client's away, and says nothing itself.
function planOf(params: readonly Parameter[]): Plan {
  let plan = plans.get(params)
  if (plan !== undefined) return plan
  const isField = ({ name }: Parameter) => name.length > FIELD.length && name.startsWith(FIELD)
  plan = {
    set: params.filter(param => !(isField(param) && param.value.text === '')),
    fields: new Set(params.filter(isField).map(({ name }) => name.toUpperCase())),
  }
  plans.set(params, plan)
  return plan
}

function paramsOf(visit: Visit, said: readonly Parameter[], body: BodyLength): Params {
  const plan = planOf(said)
  const params: (readonly [string, string])[] = []
  for (const { name, value, ifNotEmpty } of plan.set) {
    let text = visit.text(value)
    // An app that waits for what is not sent holds its worker.
    if (name === LENGTH && body === 'none' && text !== '0') text = ''
    if (text !== '' || !ifNotEmpty) params.push([name, text])
  }
  if (visit.keeping !== null) {
    for (const [field, value] of conditionsOf(visit.keeping)) {
      const name = nameOf(field)
      if (!plan.fields.has(name)) params.push([name, value])
    }
  }
  if (visit.settings.passRequestHeaders) addFields(visit, plan.fields, body, params)
  if (!plan.fields.has(OWN_ID) && !(visit.settings.passRequestHeaders && visit.headers.has('x-request-id')))
    params.push([OWN_ID, visit.exchange.id])
  return params
}

function nameOf(field: string): string {
  return FIELD + field.toUpperCase().replaceAll('-', '_')
}

// A field that comes several times is one parameter, at the place of the first, as with nginx since 1.23. Where a file lets
// underscores in, X_Y would be told by the name of X-Y: of two such fields the hyphens' counts, or the first.
function addFields(
  { headers, keeping }: Visit,
  set: ReadonlySet<string>,
  body: BodyLength,
  params: (readonly [string, string])[],
): void {
  const { lower, values, length } = headers
  const nominated = nominatedFields(headers)
  const told = new Map<string, { readonly at: number; field: string }>()
  for (let i = 0; i < length; i++) {
    const field = lower[i]!
    const value = values[i]!
    if (nominated?.has(field) || (keeping !== null && OF_A_PART.has(field))) continue
    const name = nameOf(field)
    if (name === PROXY || set.has(name)) continue
    // The coding ended here; a length is told where there is something that long. Neither is told by a name with underscores.
    if (name === CODING || (name === BODY_LENGTH && (body === 'none' || field !== 'content-length'))) continue
    const before = told.get(name)
    if (before === undefined) {
      told.set(name, { at: params.length, field })
      params.push([name, value])
    } else if (before.field === field) {
      const together = params[before.at]![1] + (field === 'cookie' ? '; ' : ', ') + value
      params[before.at] = [name, together]
    } else if (before.field.includes('_') && !field.includes('_')) {
      before.field = field
      params[before.at] = [name, value]
    }
  }
}
