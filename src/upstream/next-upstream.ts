// interim
import type { Settings } from '../config/nginx/settings.ts'
import type { Exchange } from '../exchange.ts'
import { type Attempt, mayGoAgain } from './retry.ts'
export function mayTryNext(_settings: Settings, exchange: Exchange, attempt: Attempt, _ms: number): boolean {
  return mayGoAgain(exchange, attempt, null)
}
export function statusGoesOn(
  _settings: Settings,
  _method: string,
  _status: number,
  _tries: number,
  _ms: number,
): boolean {
  return false
}
